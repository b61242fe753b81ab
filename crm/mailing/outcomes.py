"""What became of a mail: noted on its row and in its notes, once; what others report later; who gets no more mail."""

from __future__ import annotations

import random
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.jobs.running import orphans
from crm.mailing.addressing import address_key
from crm.mailing.rows import MailNote, MailProvider, OutgoingMail, Release, Suppression

State = OutgoingMail.State
MOST_TRIES = 12
FIRST_WAIT, LONGEST_WAIT = 60, 4 * 3600  # seconds between two tries of a mail
FIRST_PAUSE, LONGEST_PAUSE = 5, 10 * 60  # seconds for a provider that does not answer
LEASE = timedelta(minutes=5)  # a mail that has been "sending" for longer is in doubt


def spread(first, times, longest):
    """Return a stretch of time: `first` seconds doubled `times` times, at most `longest`, give or take half."""
    return timedelta(seconds=min(longest, first * 2 ** min(times, 30)) * random.uniform(0.5, 1.5))


def taken(mail, said):
    """The server has it. True also where it had been given up as in doubt meanwhile."""
    known = State.SENDING, State.IN_DOUBT
    fields = {"sent_at": timezone.now(), "provider_id": said.provider_id, "answer": said.answer, "reason": ""}
    _note(mail, known, State.SENT, said.answer, **fields)
    MailProvider.objects.filter(pk=mail.provider, failures__gt=0).update(
        failures=0, paused_until=None, failing_since=None, error=""
    )


def deferred(mail, said):
    """Not taken, perhaps later; after a dozen tries it is refused."""
    if mail.tries >= MOST_TRIES:
        return rejected(mail, said, reason="tries")
    run_after = timezone.now() + spread(FIRST_WAIT, mail.tries - 1, LONGEST_WAIT)
    return _note(mail, [State.SENDING], State.WAITING, said, answer=said, run_after=run_after, claimed_by="")


def rejected(mail, said, *, reason="server", no_such_address=False):
    """Never taken. A server that knows no such address is believed for all mails to come."""
    _note(mail, [State.SENDING], State.REFUSED, said, answer=said, reason=reason)
    if no_such_address:
        suppress(mail.to_key, reason=Suppression.Reason.HARD_BOUNCE, source=f"{mail.message_id} {said}")


def unneeded(mail):
    """It was not needed any more when its turn came."""
    now = timezone.now()
    _note(mail, [State.SENDING], State.REFUSED, "withdrawn", reason="withdrawn", set_aside_at=now)


def unreachable(mail, said):
    """Nobody was there: the mail waits as before, and the provider is left alone for a while."""
    _note(mail, [State.SENDING], State.WAITING, said, answer=said, claimed_by="", tries=max(0, mail.tries - 1))
    pause(mail.provider, said)


@transaction.atomic
def pause(key, said):
    """Leave a provider alone for a while: the longer, the more often in a row it did not answer."""
    now, row = timezone.now(), locked(key)
    row.paused_until = now + spread(FIRST_PAUSE, row.failures, LONGEST_PAUSE)
    row.failures, row.failing_since, row.error = row.failures + 1, row.failing_since or now, said
    row.save()


def locked(key):
    """Return a provider's row, locked: whoever counts its mails counts alone, for the moment of a claim."""
    row = MailProvider.objects.select_for_update().filter(pk=key).first()
    if row is None:
        MailProvider.objects.bulk_create([MailProvider(key=key)], ignore_conflicts=True)
        row = MailProvider.objects.select_for_update().get(pk=key)
    return row


def in_doubt(mail, said):
    """It was on its way when the answer was lost: only somebody who can look may settle it."""
    _note(mail, [State.SENDING], State.IN_DOUBT, said, answer=said)


def _note(mail, known, state, text, **fields):
    """Change the state of a mail that this process has claimed, if it still stands as known; return whether it did."""
    with transaction.atomic():
        mine = OutgoingMail.objects.filter(pk=mail.pk, claimed_by=mail.claimed_by, state__in=known)
        if not mine.update(state=state, **fields):
            MailNote.objects.create(mail=mail, state=state, text=_("Too late: %(said)s") % {"said": text})
            return False
        MailNote.objects.create(mail=mail, state=state, text=text)
    return True


def abandoned():
    """Mark as in doubt what was being sent by a process that is gone, or for too long; return how many."""
    sending = OutgoingMail.objects.filter(state=State.SENDING)
    gone = orphans(sending.values_list("claimed_by", flat=True).distinct())
    lost = sending.filter(Q(claimed_by__in=gone) | Q(sending_at__lt=timezone.now() - LEASE))
    with transaction.atomic():
        ids = list(lost.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True))
        OutgoingMail.objects.filter(pk__in=ids).update(state=State.IN_DOUBT)
        said = _("The worker vanished while it was sending.")
        MailNote.objects.bulk_create(MailNote(mail_id=pk, state=State.IN_DOUBT, text=said) for pk in ids)
    return len(ids)


@transaction.atomic
def found(mail, *, where, at=None):
    """A mail in doubt was found where it can only be if it was sent."""
    fields = {"state": State.SENT, "sent_at": at or mail.sending_at, "looked_at": timezone.now()}
    if OutgoingMail.objects.filter(pk=mail.pk, state=State.IN_DOUBT).update(**fields):
        MailNote.objects.create(mail=mail, state=State.SENT, text=_("Found: %(where)s") % {"where": where})


@transaction.atomic
def not_found(mail, *, where):
    """A mail in doubt was looked for and is not there: somebody has to decide. The first look is noted."""
    open_rows = OutgoingMail.objects.filter(pk=mail.pk, state=State.IN_DOUBT)
    is_first = open_rows.filter(looked_at=None).update(looked_at=timezone.now())
    if is_first:
        MailNote.objects.create(mail=mail, state=State.IN_DOUBT, text=_("Not found: %(where)s") % {"where": where})
    else:
        open_rows.update(looked_at=timezone.now())


@transaction.atomic
def reported(*, message_id="", provider_id="", delivered, said=""):
    """A provider tells of a mail by its Message-ID or its own id. Return the mail, None if it is none of ours."""
    mail = _by_id(message_id, provider_id)
    if mail is not None and delivered and mail.state == State.IN_DOUBT:
        found(mail, where=said)
    return mail


@transaction.atomic
def bounced(message_id, *, hard, reason, provider_id=""):
    """A mail came back. A hard bounce ends all mail to its address. Return the mail, None if it is none of ours.

    Told twice, it is noted once.
    """
    mail = _by_id(message_id, provider_id)
    if mail is None:
        return None
    known = [State.SENT, State.IN_DOUBT, State.SENDING]
    if OutgoingMail.objects.filter(pk=mail.pk, state__in=known).update(
        state=State.BOUNCED, answer=reason, reason="hard" if hard else "soft"
    ):
        MailNote.objects.create(mail=mail, state=State.BOUNCED, text=reason)
    if hard:
        suppress(mail.to_key, reason=Suppression.Reason.HARD_BOUNCE, source=f"{mail.message_id} {reason}")
    return mail


def _by_id(message_id, provider_id):
    rows = OutgoingMail.objects.select_for_update()
    mail = rows.filter(message_id=f"<{message_id.strip().strip('<>')}>").first() if message_id else None
    return mail or (rows.filter(provider_id=provider_id).first() if provider_id else None)


def suppress(address, *, reason, source, scope=Suppression.Scope.EVERYTHING, by=None):
    """Send nothing more, or no more advertising, to an address; return the evidence. Said again, it stays one row."""
    key = address_key(address)
    there = suppressions(key).filter(scope=scope, reason=reason).first()
    return there or Suppression.objects.create(address_key=key, scope=scope, reason=reason, source=source, by=by)


def suppressions(key):
    """Return what holds against an address in its standard form."""
    return Suppression.objects.in_force().filter(address_key=key).order_by("at", "pk")


def bounced_for_good(addresses):
    """Return those of some addresses in their standard form that a mail came back from because they do not exist."""
    rows = Suppression.objects.in_force().filter(address_key__in=addresses, reason=Suppression.Reason.HARD_BOUNCE)
    return set(rows.values_list("address_key", flat=True))


def release(suppression, *, source, by=None):
    """End a suppression, `source` saying why; the evidence of both stays. Ended before, it keeps its first end."""
    return Release.objects.get_or_create(suppression=suppression, defaults={"source": source, "by": by})[0]
