"""Background work. The row in the database is the truth, Celery only wakes a worker.

In a service: `jobs.enqueue("sales.announce_handover", by=user, taker=taker.pk)`.
In tasks.py: `@job("sales.announce_handover", tries=5)` above `def announce_handover(run, *, taker)`.
"""

from crm.jobs.asking import cancel, enqueue, ensure, retry, retry_all, set_aside
from crm.jobs.kinds import UnknownKind, job, periodic, short_lived
from crm.jobs.rows import Job
from crm.jobs.running import Cancelled, ClaimLost, Hopeless, Run, when_over, work_off

__all__ = [
    "Cancelled",
    "ClaimLost",
    "Hopeless",
    "Job",
    "Run",
    "UnknownKind",
    "cancel",
    "enqueue",
    "ensure",
    "job",
    "periodic",
    "retry",
    "retry_all",
    "set_aside",
    "short_lived",
    "when_over",
    "work_off",
]
