"""Doing jobs: claim a row, run its handler, note what became of it. Safe whenever the process is killed."""

import os
import random
import socket
import uuid
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone

from crm import history, standards
from crm.jobs.kinds import UnknownKind, kind_of, seconds_of
from crm.jobs.rows import Job

logger = structlog.get_logger(__name__)
LONGEST_WAIT = 3600  # seconds between two tries
LONGEST_ERROR = 2000  # characters


_when_over = []


def when_over(function):
    """Call `function(job, state)` when a job of a kind that is told is done or given up, in the same transaction."""
    _when_over.append(function)
    return function


class Cancelled(Exception):
    """Somebody asked for the job to stop."""


class ClaimLost(Exception):
    """The lease ran out and another worker has the job: whatever this one still does must not count."""


class Hopeless(Exception):
    """Raised by a handler: another try would fail just so."""


class Run:
    """One try of one job, as its handler sees it: how far it is, and steps that count exactly once."""

    def __init__(self, job, kind):
        self.job, self.kind = job, kind
        self.done, self.total = job.done, job.total

    def progress(self, done=None, *, total=None):
        """Note how far the job is and keep the claim. Raises Cancelled or ClaimLost."""
        self.done = self.done if done is None else done
        self.total = self.total if total is None else total
        self._renew(self._mine())

    @contextmanager
    def step(self, count=1):
        """A transaction in which work and progress become true together: a killed worker resumes after its last step.

        `run.done` counts what is done, over all tries; a resumed handler starts there. After a step that counts
        something it has all its tries again: only those in a row that came to nothing make a job given up.
        """
        with transaction.atomic():
            mine = self._mine()
            if not mine.select_for_update().exists():
                raise ClaimLost
            yield
            self.done += count
            self._renew(mine, **({"tries": 1} if count else {}))
        self.job.tries = 1 if count else self.job.tries

    def _mine(self):
        return Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, claimed_by=self.job.claimed_by)

    def _renew(self, mine, **fields):
        lease = timezone.now() + timedelta(seconds=self.kind.lease)
        if not mine.update(done=self.done, total=self.total, lease_until=lease, **fields):
            raise ClaimLost
        if mine.filter(cancel_asked=True).exists():
            raise Cancelled

    @transaction.atomic
    def finish(self, state, **fields):
        """Note the end of this try, and tell those who want to know of the end of a job. Raises ClaimLost if it is no
        longer ours."""
        if not self._mine().update(state=state, lease_until=None, **fields):
            raise ClaimLost
        if state in {Job.State.DONE, Job.State.DEAD} and self.kind is not None and self.kind.told:
            for tell in _when_over:
                tell(self.job, state)


def run_job(job_id):
    """Claim this job if it is due and run it; return its state afterwards, None if there was nothing to claim."""
    return _run(claim(job_id))


def work_off(most=1000, limited=lambda _seconds: nullcontext()):
    """Run the jobs that are due, one after the other, here and now; return how many.

    `limited(seconds)`: a context that breaks off what takes longer by SoftTimeLimitExceeded.
    """
    for count in range(most):
        job = claim()
        if job is None:
            return count
        with limited(seconds_of(job.kind)):
            _run(job)
    return most


def claim(job_id=None):
    """Take one job that is due (or this one), for as long as its lease; None if none is left for us.

    A job whose workers vanished as often as it may be tried is given up here.
    """
    now = timezone.now()
    with transaction.atomic():
        due = Job.objects.claimable(now).select_for_update(skip_locked=True).order_by("run_after", "id")
        job = due.filter(pk=job_id).first() if job_id else due.first()
        if job is None:
            return None
        if job.tries < job.max_tries:
            return _claimed(job, now)
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.DEAD, lease_until=None, finished_at=now, error="The worker vanished each time."
        )
    return claim(job_id)


def _claimed(job, now):
    job.state, job.claimed_by = Job.State.RUNNING, claimant()
    job.tries += 1
    job.started_at = job.started_at or now
    job.lease_until = now + timedelta(seconds=_lease(job.kind))
    job.save(update_fields=["state", "claimed_by", "tries", "started_at", "lease_until"])
    return job


def _lease(kind):
    try:
        return kind_of(kind).lease
    except UnknownKind:
        return 60


def _run(job):
    if job is None:
        return None
    with structlog.contextvars.bound_contextvars(job=job.pk, kind=job.kind):
        try:
            return _try(Run(job, kind_of(job.kind)))
        except UnknownKind as error:
            return _fail(Run(job, None), error, hopeless=True)
        except ClaimLost:
            logger.warning("job_claim_lost")
            return None


def _try(run):
    try:
        asker = run.job.asked_by
        acting = history.acting(asker, reason=f"job {run.kind.name} {run.job.pk}")
        theirs = timezone.override(asker and standards.time_zone(asker.timezone))  # days are the asker's, as on a page
        with acting, theirs, transaction.atomic() if run.kind.atomic else nullcontext():
            result = run.kind.handler(run, **run.job.arguments)
            run.finish(Job.State.DONE, result=result, error="", finished_at=timezone.now())
    except ClaimLost:
        raise
    except Cancelled:
        run.finish(Job.State.CANCELLED, finished_at=timezone.now())
        return Job.State.CANCELLED
    except SoftTimeLimitExceeded:
        return _fail(run, TimeoutError(f"It took longer than {run.kind.seconds} seconds."))
    except Exception as error:
        return _fail(run, error, hopeless=isinstance(error, Hopeless))
    return Job.State.DONE


def _fail(run, error, *, hopeless=False):
    logger.error("job_failed", tries=run.job.tries, exc_info=error)
    text = f"{type(error).__name__}: {error}"[:LONGEST_ERROR].replace("\0", "")
    if hopeless or run.job.tries >= run.job.max_tries:
        run.finish(Job.State.DEAD, error=text, finished_at=timezone.now())
        return Job.State.DEAD
    run.finish(Job.State.FAILED, error=text, run_after=timezone.now() + wait_before(run.job.tries + 1))
    return Job.State.FAILED


def wait_before(attempt):
    """Return how long to wait before this try: 10 s before the second, doubling to an hour, give or take half."""
    seconds = min(LONGEST_WAIT, 10 * 2 ** (attempt - 2))
    return timedelta(seconds=seconds * random.uniform(0.5, 1.5))


def claimant():
    """Return a name for this claim: which process on which machine, and a part that no other claim has."""
    return f"{_here()}/{os.getpid()}/{_birth(os.getpid())}/{uuid.uuid4().hex[:12]}"


def _here():
    try:
        space = os.readlink("/proc/self/ns/pid")  # process ids mean something only within it
    except OSError:
        space = ""
    return f"{socket.gethostname()[:40]}/{space}"


def _birth(pid):
    """Return when a process began, in the kernel's ticks: with its id that names it for ever. None if it is gone."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else rest[18]


def release_orphans():
    """End the lease of jobs whose process on this machine is gone, so that they need not wait it out."""
    running = Job.objects.filter(state=Job.State.RUNNING, claimed_by__startswith=f"{_here()}/")
    orphaned = orphans(running.values_list("claimed_by", flat=True))
    past = timezone.now() - timedelta(seconds=1)
    return running.filter(claimed_by__in=orphaned, lease_until__gt=past).update(lease_until=past)


def orphans(claims):
    """Return those of these claims whose process was on this machine and is gone; without /proc nobody knows."""
    if _birth(os.getpid()) is None:
        return []
    return [claim for claim in claims if claim.startswith(f"{_here()}/") and not _lives(claim)]


def _lives(claimed_by):
    pid, birth, _unique = claimed_by.split("/")[-3:]
    return _birth(pid) == birth
