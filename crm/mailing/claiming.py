"""Taking one mail that is due: within its provider's limits, marked before it goes, never for the suppressed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from crm.jobs.running import claimant
from crm.mailing.outcomes import locked
from crm.mailing.rows import URGENCY, MailNote, MailProvider, OutgoingMail
from crm.sentinels import LATEST

CLAIM = """
WITH due AS (
    SELECT mail.id,
        mail.until IS NOT NULL AND mail.until <= %(now)s AS is_late,
        EXISTS (
            SELECT FROM crm_suppression AS suppression
            WHERE suppression.address_key = mail.to_key
            AND (suppression.scope = 'everything' OR mail.purpose = 'marketing')
            AND NOT EXISTS (SELECT FROM crm_release AS release WHERE release.suppression_id = suppression.id)
        ) AS is_suppressed
    FROM crm_outgoingmail AS mail
    WHERE mail.state = 'waiting' AND mail.provider = %(provider)s AND mail.run_after <= %(now)s
    ORDER BY mail.urgency, mail.run_after, mail.id
    LIMIT 1
    FOR UPDATE OF mail SKIP LOCKED
)
UPDATE crm_outgoingmail AS mail SET
    state = CASE WHEN due.is_suppressed OR due.is_late THEN 'refused' ELSE 'sending' END,
    reason = CASE WHEN due.is_suppressed THEN 'suppressed' WHEN due.is_late THEN 'late' ELSE '' END,
    set_aside_at = CASE WHEN due.is_suppressed OR due.is_late THEN %(now)s END,
    sending_at = CASE WHEN due.is_suppressed OR due.is_late THEN mail.sending_at ELSE %(now)s END,
    turn = CASE WHEN due.is_suppressed OR due.is_late THEN mail.turn ELSE %(turn)s END,
    claimed_by = %(claimant)s,
    tries = mail.tries + CASE WHEN due.is_suppressed OR due.is_late THEN 0 ELSE 1 END
FROM due WHERE mail.id = due.id
RETURNING mail.id, mail.state, mail.reason
"""
"""One statement claims the row and asks whether its recipient may get it: nobody slips in between."""


@dataclass(frozen=True)
class Wait:
    """Nothing may be taken before this moment; None: nothing is there to be taken."""

    until: object = None


def claim(provider):
    """Mark one mail of this provider that is due as being sent and return it, or say how long to wait (Wait).

    To be called in a transaction that is committed before the mail is handed over. Mails that may not go are refused on
    the way.
    """
    now = timezone.now()
    row = locked(provider.key)
    if row.paused_until and row.paused_until > now:
        return Wait(row.paused_until)
    free_at = _free_at(provider, row, now)
    if free_at > now:
        return Wait(free_at)
    while True:
        found = _take(provider.key, row.turn + 1, now)
        if found is None:
            return Wait(None)
        pk, state, reason = found
        if state == OutgoingMail.State.SENDING:
            MailProvider.objects.filter(pk=row.pk).update(turn=row.turn + 1)
            return OutgoingMail.objects.get(pk=pk)
        MailNote.objects.create(mail_id=pk, state=state, text=reason)


def _free_at(provider, row, now):
    """Return from when on the provider's limits leave room for one more, over all workers.

    Each mail handed over keeps its number: of a limit of N in a time, the one N numbers ago says it all.
    """
    free = now
    for limit in provider.limits:
        handed = OutgoingMail.objects.filter(provider=provider.key, turn__gt=row.turn - limit.most)
        first = handed.order_by("turn").values_list("sending_at", flat=True).first() if row.turn >= limit.most else None
        if first is not None:
            free = max(free, first + limit.period)
    return free


def _take(key, turn, now):
    values = {"provider": key, "turn": turn, "now": now, "claimant": claimant()}
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return cursor.fetchone()


def is_quiet(provider):
    """Whether nothing of this provider is due, or it is left alone for now."""
    due = onward(provider)
    return due is None or due > timezone.now()


def onward(provider):
    """Return when the next mail of this provider is due, not before the provider may be asked; None if none waits."""
    waiting = OutgoingMail.objects.filter(provider=provider.key, state=OutgoingMail.State.WAITING)
    paused = MailProvider.objects.filter(pk=provider.key).values_list("paused_until", flat=True).first()
    due = min(
        waiting.filter(urgency=urgency).order_by("run_after").values_list("run_after", flat=True).first() or LATEST
        for urgency in URGENCY.values()
    )
    return None if due == LATEST else max(due, paused or due)
