"""A real worker on a real broker: woken, killed, replaced."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from contacts.models import Person
from crm import jobs
from crm.administration import services
from crm.jobs import Job, waking
from crm.jobs.workers import NICENESS, SELDOM
from crm.models import Tag
from tests.crm import worker_jobs
from tests.crm.workers import in_state, kill, wait_until, worker
from tests.factories import contacts, crm
from tests.factories.contacts import reload

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


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
    assert (job.tries, job.done) == (1, worker_jobs.STEPS), "who gets on has all tries again"
    assert sorted(Tag.objects.values_list("name", flat=True)) == [f"{n:02}" for n in range(worker_jobs.STEPS)]


def test_workers_let_pages_go_before_and_look_for_garbage_seldom_and_not_among_modules(tmp_path):
    job = jobs.enqueue("test.slow_steps")
    with worker(tmp_path):
        wait_until(in_state(job, "done"))
    job.refresh_from_db()
    assert (job.result["niceness"], job.result["threshold"]) == (os.nice(0) + NICENESS, SELDOM)
    assert job.result["frozen"] > 100_000


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

    with worker(tmp_path):
        first = jobs.enqueue("test.slow_steps")
        wait_until(in_state(first, "done"))
        queued = [jobs.enqueue("test.note_once", word=f"n{number}", after=timedelta(seconds=1)) for number in range(3)]
        redis.Redis.from_url(settings.REDIS_URL).flushdb()
        time.sleep(2)  # until they are due; a worker may know of one already
        waking.sweep()
        for job in queued:
            wait_until(in_state(job, "done"))
