"""What Celery knows of: a wake-up for one row, and the sweep that finds rows nobody was woken for."""

from django.utils import timezone

from crm.celery import app
from crm.jobs.asking import enqueue_periodic, wake
from crm.jobs.kinds import seconds_of
from crm.jobs.rows import Job
from crm.jobs.running import release_orphans, run_job
from crm.jobs.watching import Watch
from crm.jobs.workers import Settle

MOST_WOKEN = 1000  # rows a sweep


@app.task(name="crm.jobs.run")
def run(job_id):
    run_job(job_id)


@app.task(name="crm.jobs.sweep")
def sweep():
    """Every minute: write the rows of periodic jobs, free those of dead workers, wake workers for all that is due."""
    enqueue_periodic()
    release_orphans()
    due = Job.objects.claimable(timezone.now()).order_by("run_after", "id")
    for pk, kind in due.values_list("pk", "kind")[:MOST_WOKEN]:
        if not wake(pk, seconds_of(kind)):
            break


app.steps["worker"] |= {Settle, Watch}
