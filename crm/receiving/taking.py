"""Taking a mail in: stored raw once, with where it was delivered, and a job that reads it; nothing is read here."""

from __future__ import annotations

from hashlib import sha256

from django.db import transaction

from crm import jobs
from crm.mime import limits, refusal
from crm.receiving import contents, identity
from crm.receiving.addresses import Destination, signed_destination
from crm.receiving.rows import Delivery, Mailbox, ReceivedMail

READ = "crm.read_mail"
KEPT_OF_BIG = 64 * 1024  # bytes
MOST_NAMED = 100  # recipients of one envelope


@transaction.atomic
def take(raw, *, came_by, mailbox=None, envelope_from="", envelope_to=(), size=None):
    """Store a raw mail unless it is here, note where it was delivered, ask for it to be read; return the ReceivedMail.

    Once this is committed the mail is safe: whoever brought it may forget it, and may bring it again without harm.
    `came_by`: "smtp", "imap", "webhook". `mailbox`: the Mailbox it was fetched from. `size`: of a mail of which `raw`
    is the beginning alone, because it is too big.
    """
    mail = _stored(raw, size or len(raw))
    trace = {
        "came_by": came_by,
        "envelope_from": _tidy(envelope_from),
        "envelope_to": [_tidy(address) for address in envelope_to[:MOST_NAMED]],
    }
    for destination in destinations(mailbox, envelope_to):
        deliver(mail, destination, **trace)
    return mail


def _stored(raw, size):
    is_big = size > limits.MOST_BYTES
    digest = sha256(raw + str(size).encode()).hexdigest() if is_big else identity.digest(raw)
    found = ReceivedMail.objects.filter(raw__digest=digest).first()
    if found:
        return found
    content = raw[:KEPT_OF_BIG] if is_big else raw
    pk = contents.put(digest=digest, sha256=sha256(raw).hexdigest(), content=content, size=size)
    if pk is None:  # somebody else stored it at the same moment, and has committed
        return ReceivedMail.objects.get(raw__digest=digest)
    set_aside = {"state": ReceivedMail.State.QUARANTINED, "reason": refusal.TOO_BIG} if is_big else {}
    return ReceivedMail.objects.create(raw_id=pk, **set_aside)


def destinations(mailbox, envelope_to):
    """Return where a mail goes by whom it was fetched for and by its envelope; nowhere is a place, too."""
    if mailbox:
        return [Destination(mailbox=mailbox)]
    found = [place for address in envelope_to[:MOST_NAMED] if (place := destination(address))]
    return list(dict.fromkeys(found)) or [Destination()]


def destination(address):
    """Return where mail to one address goes, None if it is none of ours."""
    signed = signed_destination(address)
    if signed:
        return signed
    found = Mailbox.objects.filter(address=address.strip("<> ").lower(), way=Mailbox.Way.DIRECT, is_paused=False)
    mailbox = found.first()
    return Destination(mailbox=mailbox) if mailbox else None


def deliver(mail, to, **trace):
    """Note that a mail was delivered to a place, once, and ask for it to be read for there."""
    where = {"mailbox": to.mailbox, "user_id": to.user_id, "thread_id": to.thread_id, "is_forged": to.is_forged}
    [delivery] = Delivery.objects.bulk_create([Delivery(mail=mail, **where, **trace)], ignore_conflicts=True)
    delivery = Delivery.objects.get(mail=mail, **where)
    if delivery.handled_at is None and mail.state != ReceivedMail.State.DELETED:
        jobs.enqueue(READ, key=f"{READ}:{delivery.pk}", delivery=delivery.pk)
    return delivery


def _tidy(address):
    return "".join(sign for sign in address if sign.isprintable())[:320]
