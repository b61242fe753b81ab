"""Asking for a mail: a row in the caller's transaction, and a job that takes it to the mail server.

In a service: `mailing.send(to=user.email, subject=..., text=..., key=f"quote-{quote.pk}", by=user, about=quote)`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import jobs, parsing
from crm.firm import firm
from crm.jobs import Job
from crm.mailing import addressing, composing, letters, merging, providers
from crm.mailing.rows import (
    DEFAULT,
    URGENCY,
    MailAttachment,
    MailFile,
    MailNote,
    OutgoingMail,
    Purpose,
    new_message_id,
)

JOB = "crm.send_mails"
PERIOD, NEAR = timedelta(minutes=5), timedelta(seconds=1)
MOST_FILES = 10
LARGEST = 15 * 1024 * 1024  # bytes of all attachments of one mail

_composers: dict[str, Callable] = {}


class TooLarge(ValidationError):
    """The attachments are too many, too large, or none that could be sent."""


def composer(name):
    """Declare what writes a mail as it goes out, so that what it says (a link to set a password) is stored nowhere.

    Called with the mail's `arguments`; returns (subject, text), or None if the mail is not needed any more.
    """

    def declare(write):
        _composers[name] = write
        return write

    return declare


def composer_of(name):
    """Return what writes such mails. Raises LookupError."""
    return _composers[name]


def send(
    *, to, subject="", text="", html="", template=None, merge=None, composed_by="", arguments=None,
    by=None, about=None, purpose=Purpose.TRANSACTIONAL, key=None, after=None, until=None, reply_to="",
    sender="", headers=None, attachments=(), batch=None, provider=DEFAULT,
):  # fmt: skip
    """Write a mail to one recipient into the outbox, in the caller's transaction; return its row.

    What it says: `subject` with `text` (marks of `crm.mailing.letters`), with `html` (cleaned, laid out) or both; a
    `template` (MailTemplate), merged for `by` with the tokens of `about` and of further records in `merge`; or
    `composed_by` the name of a composer with `arguments`, and only a `subject` for the list.
    `by`: the user it is sent for, None for the site itself. `about`: the record it belongs to. `key`: one mail per
    effect for ever; asked for again, the first row is returned. `after`: a timedelta to wait. `until`: the moment from
    which on it is worth nothing. `attachments`: (name, bytes, type). Raises BadAddress, BadHeader, TooLarge, and
    LookupError for a composer or a provider that nobody registered.
    """
    if provider not in providers.names():
        raise LookupError(f"No way out for mail is called {provider}.")
    if key is not None and (there := OutgoingMail.objects.filter(key=key).first()):
        return there
    content = _content(subject, text, html, template, merge, by, about, composed_by)
    mail = OutgoingMail(
        message_id=new_message_id(_domain()),
        key=key,
        batch=batch,
        purpose=purpose,
        urgency=URGENCY[Purpose(purpose)],
        provider=provider,
        headers=addressing.header_lines(headers),
        by=by,
        about_kind=about.record_kind() if about is not None else "",
        about_id=getattr(about, "pk", None),
        until=until,
        **_times(after),
        **_parties(to, sender, reply_to, by),
        **_words(content, composed_by, arguments),
    )
    return _written(mail, _files(attachments), content.has_logo and not composed_by)


def _times(after):
    now = timezone.now()
    return {"created_at": now, "run_after": now + after if after else now}


def _parties(to, sender, reply_to, by):
    """Return who writes to whom. Raises BadAddress."""
    recipient, to_key = addressing.mailbox(to)
    return {
        "to": recipient,
        "to_key": to_key,
        "sender": addressing.mailbox(sender)[0] if sender else addressing.one_line(_sender(by)),
        "reply_to": _reply_to(reply_to or _answers_to(by)) if reply_to or by else "",
    }


def _reply_to(address):
    """Return where answers go; an address of ours may have a domain that only this machine knows."""
    if address.endswith(f"@{settings.MAIL_DOMAIN}"):
        return addressing.one_line(address)
    return addressing.mailbox(address)[0]


def _words(content, composed_by, arguments):
    """Return what is kept of what a mail says: of one that is written as it goes out, the subject alone."""
    kept = {} if composed_by else {"text": content.text, "html": content.html}
    return {"subject": content.subject, "composer": composed_by, "arguments": arguments or {}, **kept}


def send_again(mail, *, by):
    """Let a mail in doubt or refused go out anew, because a person says so; return whether it was one.

    It keeps its Message-ID: a server that has it already may recognise it.
    """
    now = timezone.now()
    with transaction.atomic():
        found = OutgoingMail.objects.filter(pk=mail.pk, state__in=OutgoingMail.ASKS).select_for_update().first()
        if found is None:
            return False
        OutgoingMail.objects.filter(pk=found.pk).update(
            state=OutgoingMail.State.WAITING, run_after=now, tries=0, reason="", claimed_by="", looked_at=None,
            set_aside_at=None,
        )  # fmt: skip
        MailNote.objects.create(mail=found, state=OutgoingMail.State.WAITING, text=str(_("Sent again.")), by=by)
        wake()
    return True


def leave(mail, *, by):
    """Note that somebody has seen that a mail is in doubt or was refused, and leaves it so."""
    now = timezone.now()
    with transaction.atomic():
        if OutgoingMail.objects.open_question().filter(pk=mail.pk).update(set_aside_at=now):
            MailNote.objects.create(mail=mail, state=mail.state, text=str(_("Left as it is.")), by=by)


def _content(subject, text, html, template, merge, by, about, composed_by):
    subject = addressing.subject_line(subject) if subject else ""
    if composed_by:
        composer_of(composed_by)
        return composing.Content(subject, "", "")
    if template is not None:
        records = [record for record in (about, *(merge or ())) if record is not None]
        return merged_template(template, by=by, records=records)
    return composing.of_text(subject, text, html=html)


def merged_template(template, *, by, records=()):
    """Return a template's mail as `by` may send it about these records; tokens nobody knows are empty."""
    values = merging.dictionary(by=by, records=records)
    blocks, _missing = letters.filled(letters.blocks(template.body), values)
    subject, _missing = merging.merged(template.subject, values)
    return composing.of_blocks(addressing.subject_line(subject[: addressing.LONGEST_SUBJECT]), blocks)


def _sender(by):
    """Return From: our address; with a user's name in front where somebody sends it."""
    name, address = addressing.parseaddr(settings.DEFAULT_FROM_EMAIL)
    ours = str(firm()) or name
    if by is not None:
        ours = f"{by.get_full_name()} ({ours})" if ours else by.get_full_name()
    return addressing.formatted(ours.replace('"', ""), address)


def _answers_to(by):
    return addressing.formatted(by.get_full_name().replace('"', ""), by.email) if by is not None else ""


def _domain():
    """Return the domain of our Message-IDs: the sender's."""
    domain = addressing.parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return domain.encode("idna").decode() or urlsplit(settings.BASE_URL).hostname or "localhost"


@transaction.atomic
def _written(mail, files, has_logo):
    [tried] = OutgoingMail.objects.bulk_create([mail], ignore_conflicts=mail.key is not None)
    if mail.key is not None:
        mail = OutgoingMail.objects.get(key=mail.key)
        if mail.message_id != tried.message_id:
            return mail
    if has_logo:
        logo = firm().logo
        files.append((f"logo.{logo.type.rpartition('/')[2]}", bytes(logo.content), logo.type, composing.LOGO))
    for name, content, kind, inline in files:
        digest = sha256(content).hexdigest()
        MailFile.objects.bulk_create([MailFile(digest=digest, content=content)], ignore_conflicts=True)
        MailAttachment.objects.create(mail=mail, file_id=digest, name=name, type=kind, size=len(content), inline=inline)
    MailNote.objects.create(mail=mail, state=mail.state, by=mail.by)
    if mail.run_after <= timezone.now():
        wake()
    return mail


def _files(attachments):
    """Return (name, bytes, type, "") of each attachment, checked. Raises TooLarge, BadInput."""
    files = [
        (parsing.words(name, longest=200), bytes(content), addressing.one_line(kind, longest=100), "")
        for name, content, kind in attachments
    ]
    if len(files) > MOST_FILES:
        raise TooLarge(_("At most %(most)d attachments."), code="many", params={"most": MOST_FILES})
    if sum(len(content) for _name, content, _type, _inline in files) > LARGEST:
        raise TooLarge(_("The attachments are larger than 15 MB."), code="large")
    return files


def wake():
    """See to it that a job takes what waits: one at a time is enough for however many mails.

    Asked again after the commit: the job that stood there may have gone by before the row could be seen.
    """
    _ensure_job()
    transaction.on_commit(_ensure_job, robust=True)


def _ensure_job():
    due = Job.objects.filter(kind=JOB, state__in=Job.DUE, run_after__lte=timezone.now())
    if not due.exists():
        jobs.enqueue(JOB)


def go_on(moment):
    """Ask for a job at this moment, unless it is far off (the period comes before it) or one stands there already."""
    now = timezone.now()
    if moment is None or moment - now > PERIOD:
        return
    known = Job.objects.filter(kind=JOB, state__in=Job.DUE, run_after__lte=max(moment, now) + NEAR)
    if not known.exists():
        jobs.enqueue(JOB, after=max(moment - now, timedelta(0)))
