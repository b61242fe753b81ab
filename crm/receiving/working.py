"""From a stored mail to one that is handled: read in a process apart, judged, given to the handlers."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from crm import jobs
from crm.mime import reader
from crm.mime.refusal import Refused
from crm.receiving import addresses, contents, judging, reasons, registry, taking, threads
from crm.receiving.rows import Delivery, RawMail, ReceivedFile, ReceivedMail

MOST_TRIES = 5
FIRST_YEAR = 1990

State = ReceivedMail.State
logger = structlog.get_logger(__name__)


def work(delivery_id):
    """Read the mail of a delivery unless it is read, then let the handlers have it; return its state.

    None where the delivery is gone with its mailbox. Raises what a handler raised, after it was counted; with the last
    try the mail is set aside instead.
    """
    delivery = Delivery.objects.filter(pk=delivery_id).select_related("mail").first()
    if delivery is None:
        return None
    if delivery.mail.state in (State.QUARANTINED, State.DELETED):
        return delivery.mail.state
    if not _counted(delivery.mail):
        return State.QUARANTINED
    try:
        if delivery.mail.state == State.WAITING:
            read(delivery.mail)
        return handle(delivery_id)
    except Exception:
        if delivery.mail.tries < MOST_TRIES:
            raise
        logger.exception("mail_handler_failed", mail=delivery.mail_id)
        return _set_aside(delivery.mail, reasons.HANDLER)


def _counted(mail):
    """Count a try before it begins, so that one which takes its worker along counts, too."""
    if mail.tries >= MOST_TRIES:
        _set_aside(mail, reasons.HANDLER)
        return False
    mail.tries += 1
    ReceivedMail.objects.filter(pk=mail.pk).update(tries=mail.tries)
    return True


def _set_aside(mail, reason):
    known = ReceivedMail.objects.filter(pk=mail.pk).exclude(state=State.DELETED)
    known.update(state=State.QUARANTINED, reason=reason)
    return State.QUARANTINED


def read(mail):
    """Read a mail in a process apart and write down what it says, or why it is set aside."""
    try:
        found = reader.read(contents.of(mail.raw_id))
    except Refused as refused:
        _set_aside(mail, refused.reason)
        return
    with transaction.atomic():
        locked = ReceivedMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
        if locked.state == State.WAITING:
            _write(locked, found)


def _write(mail, found):
    mail.message_id, mail.subject, mail.text = found["message_id"], found["subject"], found["text"]
    mail.reply, mail.html, mail.is_cut = found["reply"], found["html"], found["is_cut"]
    mail.sender_name, mail.sender_address = found["sender"]["name"], found["sender"]["address"]
    mail.to, mail.cc, mail.recipients = found["to"], found["cc"], found["recipients"]
    mail.date, mail.calendar, mail.bounce = (
        _clamped(found["date"], mail.received_at),
        found["calendar"],
        found["bounce"],
    )
    mail.is_automatic = found["automatic"] not in ("", "no") or found["precedence"] in ("bulk", "junk", "list")
    mail.repeats_id = bool(mail.message_id) and _is_known(mail)
    deliveries = _delivered(mail, found)
    _keep_files(mail, found["attachments"])
    mail.reason = "" if mail.is_released else judging.verdict(mail, found, deliveries)
    mail.state, mail.parsed_at = State.QUARANTINED if mail.reason else State.PARSED, timezone.now()
    if not mail.reason:
        signed = next((delivery.thread for delivery in deliveries if delivery.thread_id), None)
        mail.thread = threads.joined(mail, found["references"], signed)
    mail.save()


def _clamped(date, received_at):
    """Return the date a mail bears if it can be true, else when it came: nobody writes from the future."""
    if not date:
        return received_at
    said = datetime.fromisoformat(date)
    return said if said.year >= FIRST_YEAR and said <= received_at + timedelta(days=1) else received_at


def _is_known(mail):
    same = ReceivedMail.objects.filter(message_id=mail.message_id).exclude(pk=mail.pk)
    return same.exclude(state=State.WAITING).exists()


def _delivered(mail, found):
    """Return the deliveries of a mail; one that was fetched may also be addressed to a signed address of ours."""
    deliveries = list(mail.deliveries.select_related("mailbox", "user", "thread"))
    fetched = next((delivery for delivery in deliveries if delivery.came_by == Delivery.Way.IMAP), None)
    if fetched is None:
        return deliveries
    named = [*(one["address"] for one in (*found["to"], *found["cc"])), *found["traced"]]
    signed = {place for address in named if (place := addresses.signed_destination(address))}
    for place in signed:
        taking.deliver(mail, place, came_by=Delivery.Way.IMAP)
    return list(mail.deliveries.select_related("mailbox", "user", "thread"))


def _keep_files(mail, files):
    mail.attachments.all().delete()
    ReceivedFile.objects.bulk_create(ReceivedFile(mail=mail, **file) for file in files)


@transaction.atomic
def handle(delivery_id):
    """Let the handlers have the mail of a delivery that is read; the mark and what they did are one transaction.

    What came to a forged address is read where somebody released it, and no handler gets it for that address.
    """
    delivery = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery_id)
    mail = ReceivedMail.objects.select_for_update(of=("self",)).get(pk=delivery.mail_id)
    if mail.state not in (State.PARSED, State.HANDLED):
        return mail.state
    delivery.handled_by = "" if delivery.is_forged else registry.taker(mail, delivery)
    delivery.handled_at = timezone.now()
    delivery.save(update_fields=["handled_at", "handled_by"])
    if delivery.handled_by and mail.state == State.PARSED:
        mail.state, mail.handled_by = State.HANDLED, delivery.handled_by
        mail.save(update_fields=["state", "handled_by"])
    ReceivedMail.objects.filter(pk=mail.pk).update(tries=0)
    return mail.state


@transaction.atomic
def release(mail):
    """Let a mail that was set aside pass: it is read again and goes to the handlers. Return whether it was one."""
    locked = ReceivedMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if locked.state != State.QUARANTINED or locked.reason in reasons.FINAL:
        return False
    locked.state, locked.reason, locked.is_released, locked.tries = State.WAITING, "", True, 0
    locked.save(update_fields=["state", "reason", "is_released", "tries"])
    ask_again(locked)
    return True


def ask_again(mail):
    """Ask for a mail to be handled again for everybody it was delivered to."""
    mail.deliveries.update(handled_at=None)
    for pk in mail.deliveries.values_list("pk", flat=True):
        jobs.enqueue(taking.READ, delivery=pk)


@transaction.atomic
def erase(mail):
    """Delete what a mail says; that it was here stays, so that it is not taken in again."""
    locked = ReceivedMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    locked.attachments.all().delete()
    for name in ("text", "reply", "html", "subject", "sender_name", "sender_address"):
        setattr(locked, name, "")
    locked.to, locked.cc, locked.bounce, locked.state = [], [], None, State.DELETED
    locked.save()
    RawMail.objects.filter(pk=locked.raw_id).update(content=b"")


def too_long_waiting():
    """Return deliveries whose mail waits though nothing is under way for it: their job was given up or set aside."""
    before = timezone.now() - timedelta(minutes=15)
    return Delivery.objects.filter(mail__state=State.WAITING, handled_at=None, at__lt=before)
