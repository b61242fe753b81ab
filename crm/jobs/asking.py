"""Asking for a job: a row in the caller's transaction, a wake-up after the commit."""

from functools import partial
from time import monotonic

import structlog
from django.db import transaction
from django.utils import timezone

from crm.jobs.kinds import kind_of, period_start, periodic_kinds, seconds_of
from crm.jobs.rows import Job

logger = structlog.get_logger(__name__)
EXPIRES_SECONDS = 300  # a wake-up not taken by then is dropped: the sweeper has sent others
SWEPT_SECONDS = 60  # what is due later is found by the sweeper in time
QUIET_SECONDS = 15  # after a wake-up that failed, nobody pays for another; the sweeper finds the rows
MOST_WOKEN = 100  # jobs at once; the sweeper finds the others
quiet_until = 0.0


def enqueue(kind, /, *, by=None, key=None, after=None, **arguments):
    """Write a job row in the current transaction and wake a worker once it is committed; return the row.

    `by`: the user it is done for, None for the system. `key`: one row per effect for ever; asked for again,
    the first row is returned. `after`: a timedelta to wait. `arguments` are JSON: ids, not objects.
    Raises UnknownKind. A broker that is down costs nothing: the sweeper wakes a worker later.
    """
    declared, now = kind_of(kind), timezone.now()
    row = Job(
        kind=kind,
        arguments=arguments,
        key=key,
        asked_by=by if by is not None and by.is_authenticated else None,
        max_tries=declared.tries,
        created_at=now,
        run_after=now + after if after else now,
    )
    row, created = _first(row)
    delay = after.total_seconds() if after else 0
    if created and delay < SWEPT_SECONDS:
        transaction.on_commit(
            partial(wake, row.pk, declared.seconds, **({"delay": delay} if delay else {})), robust=True
        )
    return row


def ensure(kind):
    """See to it that a job of this kind, without arguments, still begins after this moment; return it, or None if one
    waits already. What was committed before is seen by it.
    """
    if Job.objects.filter(kind=kind, state=Job.State.WAITING, run_after__lte=timezone.now()).exists():
        return None
    return enqueue(kind)


def enqueue_periodic():
    """Write the row of each periodic job for the period we are in, unless it stands there."""
    for kind in periodic_kinds():
        enqueue(kind.name, key=f"{kind.name}@{period_start(kind.every, timezone.now()):%Y-%m-%dT%H:%M:%S}")


def cancel(job):
    """Cancel a job that waits; ask one that runs to stop at its next report of progress. What is over stays."""
    now = timezone.now()
    waiting = Job.objects.filter(pk=job.pk, state__in=Job.DUE)
    if not waiting.update(state=Job.State.CANCELLED, cancel_asked=True, finished_at=now):
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_asked=True)


def retry(job):
    """Let a job that was given up or cancelled start afresh; return whether it was one."""
    return bool(retry_all(Job.objects.filter(pk=job.pk)))


@transaction.atomic
def retry_all(jobs):
    """Let all of these that were given up or cancelled start afresh; return how many. Safe when two ask at once."""
    over = jobs.filter(state__in=[Job.State.DEAD, Job.State.CANCELLED]).select_for_update(of=("self",)).order_by("pk")
    again = list(over.values_list("pk", "kind"))
    Job.objects.filter(pk__in=[pk for pk, _kind in again]).update(
        state=Job.State.WAITING, tries=0, cancel_asked=False, error="", finished_at=None, set_aside_at=None,
        run_after=timezone.now(),
    )  # fmt: skip
    for pk, kind in again[:MOST_WOKEN]:
        transaction.on_commit(partial(wake, pk, seconds_of(kind)), robust=True)
    return len(again)


def set_aside(jobs):
    """Note that somebody has seen that these were given up; return how many were new to them."""
    return jobs.given_up().update(set_aside_at=timezone.now())


def wake(job_id, seconds, delay=0):
    """Tell a worker that this row is due, now or in `delay` seconds; return whether the broker took the message."""
    global quiet_until
    if monotonic() < quiet_until:
        return False
    from crm.celery import app

    limits = {"soft_time_limit": seconds, "time_limit": seconds + 20, "expires": EXPIRES_SECONDS}
    limits |= {"countdown": delay} if delay else {}
    try:
        app.send_task("crm.jobs.run", [job_id], retry=False, **limits)
    except Exception as error:  # whatever a broker does, the row stands
        quiet_until = monotonic() + QUIET_SECONDS
        logger.warning("broker_failure", error=type(error).__name__)
        return False
    return True


def _first(row):
    if row.key is None:
        row.save(force_insert=True)
        return row, True
    [written] = Job.objects.bulk_create([row], ignore_conflicts=True)
    found = Job.objects.get(key=row.key)
    return found, found.created_at == written.created_at and found.kind == written.kind
