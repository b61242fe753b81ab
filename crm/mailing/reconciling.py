"""Mails in doubt: looked for by Message-ID where it can be known whether they were sent. The others a person settles.

Apps may register further places (`@reconciler("...")`): called with the mails, it returns {pk: where} of those found,
and None if it cannot look now.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from imap_tools import MailBox, MailBoxUnencrypted
from imap_tools.query import AND, H

from crm.mailing import outcomes, sink
from crm.mailing.rows import OutgoingMail

logger = structlog.get_logger(__name__)
GRACE = timedelta(minutes=1)  # the server may still be putting away what it got
MOST = 500  # mails looked for at once
TIMEOUT = 10  # seconds
LOOKED_FOR = timedelta(days=7)

_places: dict[str, Callable] = {}


def reconciler(name):
    """Declare a place where it can be known whether a mail was sent."""

    def declare(look):
        _places[name] = look
        return look

    return declare


def reconcile(*, grace=GRACE):
    """Look for the mails in doubt at every place; return how many were found and how many not."""
    now = timezone.now()
    outcomes.abandoned()
    doubtful = OutgoingMail.objects.filter(
        state=OutgoingMail.State.IN_DOUBT, sending_at__lte=now - grace, sending_at__gt=now - LOOKED_FOR
    )
    mails = list(doubtful.defer("html", "text").order_by("looked_at", "pk")[:MOST])
    found, looked = {}, []
    for name, look in _places.items() if mails else ():
        answer = _looked(name, look, [mail for mail in mails if mail.pk not in found])
        if answer is not None:
            looked.append(name)
            found |= answer
    for mail in mails:
        if mail.pk in found:
            outcomes.found(mail, where=found[mail.pk])
        elif looked:
            outcomes.not_found(mail, where=", ".join(looked))
    return {"found": len(found), "not found": len(mails) - len(found) if looked else 0, "looked at": looked}


def _looked(name, look, mails):
    try:
        return look(mails)
    except Exception as error:  # a place that is away says nothing about any mail
        logger.warning("reconciler_failed", place=name, error=type(error).__name__)
        return None


@reconciler("the development sink")
def in_sink(mails):
    """Look into the development sink: what it has was sent."""
    folder = sink.directory()
    if folder is None or not folder.is_dir():
        return None
    kept = sink.holding(folder)
    return {mail.pk: _("the development sink") for mail in mails if sink.digest(mail.message_id) in kept}


@reconciler("the folder of sent mail")
def in_sent_folder(mails):
    """Look into the IMAP folder that EMAIL_SENT_URL names, for servers that keep a copy there by themselves."""
    if not settings.EMAIL_SENT_URL:
        return None
    parts = urlsplit(settings.EMAIL_SENT_URL)
    folder = unquote(parts.path.strip("/")) or "Sent"
    kind, port = (MailBox, 993) if parts.scheme == "imaps" else (MailBoxUnencrypted, 143)
    box = kind(parts.hostname, parts.port or port, timeout=TIMEOUT)
    with box.login(unquote(parts.username or ""), unquote(parts.password or ""), folder):
        return {mail.pk: folder for mail in mails if box.uids(AND(header=H("Message-ID", mail.message_id)))}
