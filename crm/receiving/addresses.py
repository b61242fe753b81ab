"""Addresses of ours that carry a signature: answers to a thread, and what a user drops in.

`reply+<thread>-<signature>@MAIL_DOMAIN`, `dropbox+<user>.<number>-<signature>@MAIL_DOMAIN`. A local part has at most 64
signs and may be written in capitals on its way; both hold. They do not end by time (people answer old mails), a drop
box ends by a new number, a thread's by the thread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings

from crm import tokens
from crm.receiving.rows import DropBox, MailThread

REPLY, DROP = "reply", "dropbox"
SIGNED = re.compile(r"(reply|dropbox)\+([0-9.]{1,40})-([a-z2-7]{1,40})", re.IGNORECASE)
LOOKS_SIGNED = re.compile(r"(reply|dropbox)\+.*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Destination:
    """Where a mail goes: at most one of the three; `is_forged`: to a signed address that we did not sign."""

    mailbox: object = None
    user_id: int | None = None
    thread_id: int | None = None
    is_forged: bool = False


FORGED = Destination(is_forged=True)


def reply_address(thread):
    """Return the address whose mail belongs to a thread: for Reply-To."""
    return _address(REPLY, str(thread.pk))


def dropbox_address(user, *, make=True):
    """Return the address to which a user sends a copy of what they send elsewhere, to be logged for them.

    `make`: give them a drop box if they have none; otherwise that is "".
    """
    box = DropBox.objects.get_or_create(user_id=user.pk)[0] if make else DropBox.objects.filter(user=user.pk).first()
    return _address(DROP, f"{user.pk}.{box.number}") if box else ""


def renew_dropbox(user):
    """Give a user a drop box, or end the address it has: the next is another."""
    box, is_new = DropBox.objects.select_for_update().get_or_create(user_id=user.pk)
    if not is_new:
        DropBox.objects.filter(pk=box.pk).update(number=box.number + 1)


def thread_about(record, *, owner):
    """Return the thread for what is answered to its owner about a record.

    Threads keep the id they were begun with; who reads them asks `crm.tombstones.living` for the record it is by now.
    """
    return MailThread.objects.get_or_create(owner=owner, kind=record.record_kind(), record_id=record.pk)[0]


def signed_destination(address):
    """Return where a signed address of ours leads, FORGED if the signature is not ours or is over, None for others."""
    local, _at, domain = address.strip("<> ").rpartition("@")
    if domain.lower() != settings.MAIL_DOMAIN or not LOOKS_SIGNED.fullmatch(local):
        return None
    match = SIGNED.fullmatch(local)
    if not match or not tokens.is_signature(_purpose(match[1].lower()), match[2], match[3]):
        return FORGED
    return _thread(match[2]) if match[1].lower() == REPLY else _drop_box(match[2])


def _thread(number):
    found = MailThread.objects.filter(pk=number, owner__is_active=True).first()
    return Destination(thread_id=found.pk) if found else FORGED


def _drop_box(text):
    user, _dot, number = text.partition(".")
    found = DropBox.objects.filter(user=user, number=number, user__is_active=True).first()
    return Destination(user_id=found.user_id) if found else FORGED


def _address(what, text):
    return f"{what}+{text}-{tokens.signature(_purpose(what), text)}@{settings.MAIL_DOMAIN}"


def _purpose(what):
    return f"receiving.{what}"
