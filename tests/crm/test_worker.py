"""A real worker on a real broker: woken, killed, replaced."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from contacts.models import Person
from crm import jobs
from crm.administration import services
from crm.jobs import Job, waking
from crm.models import Tag
from tests.crm import worker_jobs
from tests.factories import contacts, crm
from tests.factories.contacts import reload

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


@contextmanager
def worker(folder):
    """Run a Celery worker on the test database; kill it and its children at the end."""
    command = ["-m", "celery", "-A", "crm.celery", "worker", "-c", "2", "-I", "tests.crm.worker_jobs", "-l", "info"]
    environment = os.environ | {"DATABASE_URL": test_database_url(), "CORNERSTONE_PROCESS": "worker"}
    environment |= {"SECRET_KEY": "for-this-worker-alone"}
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *command], env=environment, stderr=log, stdout=log, start_new_session=True
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def test_database_url():
    given = connection.settings_dict
    user, password = (quote(given[name] or "", safe="") for name in ("USER", "PASSWORD"))
    return f"postgres://{user}:{password}@/{given['NAME']}?host={quote(given['HOST'])}&port={given['PORT'] or 5432}"


test_database_url.__test__ = False


def wait_until(condition, *, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} seconds")


def in_state(job, state):
    return lambda: Job.objects.filter(pk=job.pk, state=state).exists()


def test_a_job_whose_worker_is_killed_goes_on_where_it_was(tmp_path: Path):
    with worker(tmp_path) as first:
        job = jobs.enqueue("test.slow_steps")
        wait_until(lambda: Tag.objects.count() >= 5)
        kill(first)
    done = Tag.objects.count()
    assert done < worker_jobs.STEPS
    with worker(tmp_path):
        waking.sweep()  # beat's part, once
        wait_until(in_state(job, "done"))
    job.refresh_from_db()
    assert (job.tries, job.done) == (2, worker_jobs.STEPS)
    assert sorted(Tag.objects.values_list("name", flat=True)) == [f"{n:02}" for n in range(worker_jobs.STEPS)]


def test_a_hand_over_whose_worker_is_killed_moves_everything_once(tmp_path):
    asker, giver, taker = crm.user("Ada", role="administrator"), crm.user("Lea"), crm.user("Hei")
    people = [contacts.person(giver) for _ in range(240)]
    mine = {person.pk for person in people}
    rows = Person.objects.unscoped(because="a test")
    with worker(tmp_path) as first:
        [job] = services.hand_over(giver=giver, takers={"contacts.person": taker}, by=asker)
        wait_until(lambda: Job.objects.filter(pk=job.pk, done__gte=30).exists())
        kill(first)
    moved = rows.filter(owner=taker).count()
    assert 30 <= moved < len(people)
    with worker(tmp_path):
        waking.sweep()
        wait_until(in_state(job, "done"))
    job.refresh_from_db()
    assert (job.tries, job.done, job.total) == (2, len(people), len(people))
    assert set(rows.filter(owner=taker).values_list("pk", flat=True)) == mine
    assert {reload(person).version - person.version for person in people} == {1}


def test_a_job_that_takes_too_long_is_stopped(tmp_path):
    job = jobs.enqueue("test.too_slow")
    with worker(tmp_path):
        wait_until(in_state(job, "dead"))
    job.refresh_from_db()
    assert job.error == "TimeoutError: It took longer than 1 seconds."


def test_an_emptied_broker_loses_nothing(tmp_path):
    import redis
    from django.conf import settings

    job = jobs.enqueue("test.slow_steps")
    redis.Redis.from_url(settings.REDIS_URL).flushall()
    with worker(tmp_path):
        time.sleep(5)
        assert not in_state(job, "done")()
        waking.sweep()
        wait_until(in_state(job, "done"))
