"""Whether a mail that was read is one to act on: loops, forged addresses and dangerous files are set aside."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone

from crm.mime.attachments import DANGEROUS
from crm.receiving import addresses, reasons
from crm.receiving.rows import Delivery, ReceivedMail, ThreadMessage

MOST_HOPS = 50


def verdict(mail, found, deliveries):
    """Return why a mail is set aside, "" if it is not. `found`: what was read of it, as crm.mime.reading says."""
    checks = (
        (any(delivery.is_forged for delivery in deliveries), reasons.FORGED),
        (_is_drop_of_another(mail, deliveries), reasons.FORGED),
        (any(attachment["verdict"] == DANGEROUS for attachment in found["attachments"]), reasons.FILE),
        (settings.MAIL_DOMAIN in map(str.lower, found["loops"]), reasons.LOOP_OURS),
        (found["hops"] > MOST_HOPS, reasons.LOOP_HOPS),
        (_is_ours(mail.sender_address), reasons.ROBOT),
        (found["automatic"].startswith("auto-replied") and not mail.bounce, reasons.LOOP_REPLY),
        (ThreadMessage.objects.filter(message_id=mail.message_id, is_ours=True).exists(), reasons.OWN_ID),
        (_is_flood(mail, deliveries), reasons.LOOP_MANY),
    )
    return next((reason for holds, reason in checks if holds), "")


def _is_ours(address):
    """Whether it is the address this site sends from, or a signed one."""
    robot = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
    return address.lower() == robot or addresses.signed_destination(address) is not None


def _is_drop_of_another(mail, deliveries):
    """Whether somebody else than its user writes to a drop box: the address has become known."""
    users = [delivery.user for delivery in deliveries if delivery.user_id]
    return any(user.email != mail.sender_address.lower() for user in users)


def _is_flood(mail, deliveries):
    """Whether one sender sends more within an hour than people do. What is fetched may be a year's mail at once."""
    if not mail.sender_address or all(delivery.came_by != Delivery.Way.SMTP for delivery in deliveries):
        return False
    since = timezone.now() - timedelta(hours=1)
    recent = ReceivedMail.objects.filter(sender_address=mail.sender_address, received_at__gt=since)
    return recent[: settings.RECEIVE_MAIL_HOURLY].count() == settings.RECEIVE_MAIL_HOURLY
