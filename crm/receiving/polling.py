"""Fetching mailboxes: each at most once at a time, once a minute, less often while its server fails.

A mail and the note that it is fetched are one transaction. A poller killed at any moment leaves mails that are stored
and noted, and perhaps some that are not yet marked on the server: the next one marks them.
"""

from __future__ import annotations

import random
import secrets
from datetime import timedelta
from time import monotonic

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from crm.receiving import imap, taking
from crm.receiving.rows import Mailbox

EVERY = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
LEASE = timedelta(seconds=90)
JOB_SECONDS = 600  # of one go, however slow the server is
MOST, MOST_SECONDS = 500, 400  # mails in one go; none is begun after so many seconds
MARKED_AT_ONCE = 50

logger = structlog.get_logger(__name__)


def due(now):
    """Return the mailboxes to be fetched now."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return Mailbox.objects.filter(free, way=Mailbox.Way.IMAP, is_paused=False, poll_after__lte=now)


def fetch(mailbox_id, on_progress=lambda number: None):
    """Fetch what is new in a mailbox; return how many mails, None if another fetches it or it is not due.

    What goes wrong with the server is noted at the mailbox, which then waits for longer each time.
    """
    token = secrets.token_hex(16)
    if not _claimed(mailbox_id, token):
        return None
    mailbox = Mailbox.every.get(pk=mailbox_id)
    try:
        with imap.connected(mailbox, seconds=JOB_SECONDS - 30) as folder:
            number = _fetched(mailbox, folder, token, on_progress)
    except imap.Failure as failure:
        _failed(mailbox, token, str(failure))
        return 0
    after = timezone.now() + EVERY * 0.9
    _mine(mailbox_id, token).update(
        error="", failures=0, polled_at=timezone.now(), poll_after=after, lease_until=None, lease_by=""
    )
    return number


def _claimed(mailbox_id, token):
    now = timezone.now()
    return due(now).filter(pk=mailbox_id).update(lease_until=now + LEASE, lease_by=token)


def _mine(mailbox_id, token):
    return Mailbox.objects.filter(pk=mailbox_id, lease_by=token)


def _failed(mailbox, token, why):
    logger.warning("mailbox_failure", mailbox=mailbox.pk, failures=mailbox.failures + 1)
    wait = min(LONGEST_WAIT, EVERY * 2 ** min(mailbox.failures, 10)) * random.uniform(0.8, 1.2)
    now = timezone.now()
    _mine(mailbox.pk, token).update(
        error=why, failures=mailbox.failures + 1, polled_at=now, poll_after=now + wait, lease_until=None, lease_by=""
    )


def _fetched(mailbox, folder, token, on_progress):
    if mailbox.uid_validity != folder.uid_validity:
        _begin(mailbox, folder, token)
    _mark(mailbox, folder, token)
    number, until = 0, monotonic() + MOST_SECONDS
    for uid in folder.newer(mailbox.last_uid, MOST):
        if monotonic() > until:
            break
        raw, size = folder.mail(uid)
        if not _stored(mailbox, token, uid, raw, size):
            return number
        number += 1
        if number % MARKED_AT_ONCE == 0:
            _mark(mailbox, folder, token)
            on_progress(number)
    _mark(mailbox, folder, token)
    return number


def _begin(mailbox, folder, token):
    """Note a new numbering of the folder. The first time only what comes from now on is fetched, unless asked for all;
    later everything is looked at again: what is stored is known by what it is.
    """
    is_first = mailbox.uid_validity is None
    last = max(0, folder.uid_next - 1) if is_first and not mailbox.from_start else 0
    mailbox.uid_validity, mailbox.last_uid, mailbox.marked_uid = folder.uid_validity, last, last
    _mine(mailbox.pk, token).update(uid_validity=folder.uid_validity, last_uid=last, marked_uid=last)


@transaction.atomic
def _stored(mailbox, token, uid, raw, size):
    """Take one mail in and note it as fetched; return whether the mailbox is still ours."""
    now = timezone.now()
    mailbox.last_uid = uid
    held = _mine(mailbox.pk, token).filter(is_paused=False)
    number = mailbox.fetched + (raw is not None)
    if not held.update(last_uid=uid, fetched=number, lease_until=now + LEASE):
        return False
    mailbox.fetched = number
    if raw is not None:
        taking.take(raw, came_by="imap", mailbox=mailbox, size=size)
    return True


def _mark(mailbox, folder, token):
    if mailbox.marked_uid < mailbox.last_uid:
        folder.mark(mailbox.marked_uid + 1, mailbox.last_uid)
        mailbox.marked_uid = mailbox.last_uid
        _mine(mailbox.pk, token).update(marked_uid=mailbox.marked_uid)
