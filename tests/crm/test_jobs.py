"""Jobs: the row is the truth, nothing is lost, nothing is done twice."""

import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import perf_counter

import pytest
import redis
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from crm import history, jobs
from crm.cache import CacheRow
from crm.jobs import Job, asking, kinds, running, waking
from crm.models import Tag
from tests.crm.conftest import PASSWORD

pytestmark = pytest.mark.django_db
SOON = 30  # seconds: many times our own limits on a busy machine, far below those of TCP


@pytest.fixture
def kind():
    """Declare a job for one test: `kind("test.count", handler, tries=2)`."""
    known = dict(kinds._kinds)

    def declare(name, handler, **options):
        return kinds.job(name, **options)(handler)

    yield declare
    kinds._kinds.clear()
    kinds._kinds.update(known)


@pytest.fixture
def note(kind):
    """A job that makes a tag of its argument, so that what was done can be counted."""
    return kind("test.note", lambda run, name: Tag.objects.create(name=name).pk)


def tags():
    return sorted(Tag.objects.values_list("name", flat=True))


def later(seconds):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False)


class TestAsking:
    def test_a_job_is_a_row_of_the_transaction_that_asks_for_it(self, note):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            jobs.enqueue("test.note", name="a")
            raise ZeroDivisionError
        assert not Job.objects.exists()

    def test_the_row_says_who_asked_for_what(self, note, rep):
        job = jobs.enqueue("test.note", by=rep, name="a")
        assert (job.kind, job.arguments, job.asked_by, job.state) == ("test.note", {"name": "a"}, rep, "waiting")

    def test_an_unknown_kind_is_refused_at_once(self):
        with pytest.raises(jobs.UnknownKind):
            jobs.enqueue("test.unheard_of")

    def test_one_key_is_one_row_for_ever(self, note):
        first = jobs.enqueue("test.note", key="tag a", name="a")
        jobs.work_off()
        assert jobs.enqueue("test.note", key="tag a", name="a") == first
        assert jobs.work_off() == 0
        assert tags() == ["a"]

    def test_a_worker_is_woken_after_the_commit(self, note, django_capture_on_commit_callbacks, woken):
        with django_capture_on_commit_callbacks(execute=True):
            job = jobs.enqueue("test.note", name="a")
            assert woken == []
        assert woken == [job.pk]

    @pytest.mark.parametrize("broker", ["redis://127.0.0.1:1/0", "redis://10.255.255.1:6379/0"])
    def test_a_broker_that_is_down_or_silent_is_given_up_soon(self, note, broker, other_broker):
        with other_broker(broker):
            started = perf_counter()
            assert not asking.wake(1, 60)
            assert perf_counter() - started < SOON

    def test_a_broker_that_has_frozen_is_given_up_soon_and_then_left_alone(self, other_broker):
        frozen = socket.create_server(("127.0.0.1", 0))
        with frozen, other_broker(f"redis://127.0.0.1:{frozen.getsockname()[1]}/0"):
            started = perf_counter()
            assert not asking.wake(1, 60)
            assert perf_counter() - started < SOON
            tried = calls_at(frozen)
            assert not asking.wake(2, 60)
            assert (tried > 0, calls_at(frozen)) == (True, 0)

    def test_the_broker_takes_the_message(self, note):
        client = redis.Redis.from_url(settings.REDIS_URL)
        before = client.llen("celery")
        assert asking.wake(1, 60)
        assert client.llen("celery") == before + 1
        client.delete("celery")


def calls_at(server):
    """How many connections wait at this listening socket; they are hung up."""
    server.setblocking(False)
    calls = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return calls
        calls += 1


@pytest.fixture
def woken(monkeypatch):
    """The ids workers are woken for, instead of waking any."""
    ids = []
    monkeypatch.setattr(asking, "wake", lambda job_id, _seconds: ids.append(job_id) or True)
    monkeypatch.setattr(waking, "wake", lambda job_id, _seconds: ids.append(job_id) or True)
    return ids


@pytest.fixture
def other_broker(monkeypatch):
    """Put another broker in the place of ours: `with other_broker(url):`."""
    from contextlib import contextmanager

    from celery import Celery

    @contextmanager
    def other(url):
        elsewhere = Celery("elsewhere")
        elsewhere.config_from_object("django.conf:settings", namespace="CELERY")
        elsewhere.conf.broker_url = url
        monkeypatch.setattr("crm.celery.app", elsewhere)
        yield

    return other


class TestRunning:
    def test_what_the_handler_returns_is_kept(self, kind):
        kind("test.sum", lambda run, a, b: {"sum": a + b})
        job = jobs.enqueue("test.sum", a=1, b=2)
        assert jobs.work_off() == 1
        job.refresh_from_db()
        assert (job.state, job.result, job.tries, job.lease_until) == ("done", {"sum": 3}, 1, None)
        assert job.finished_at

    def test_what_it_changes_is_noted_for_who_asked(self, kind, rep):
        kind("test.actor", lambda run: history.actor_id())
        job = jobs.enqueue("test.actor", by=rep)
        jobs.work_off()
        job.refresh_from_db()
        assert job.result == rep.pk

    def test_a_failure_leaves_no_half_and_is_tried_again_later(self, kind):
        def fail(run):
            Tag.objects.create(name="half")
            raise RuntimeError("the line broke")

        kind("test.fail", fail)
        job = jobs.enqueue("test.fail")
        jobs.work_off()
        job.refresh_from_db()
        assert (job.state, job.error) == ("failed", "RuntimeError: the line broke")
        assert timedelta(seconds=4) < job.run_after - timezone.now() < timedelta(seconds=16)
        assert tags() == []
        assert jobs.work_off() == 0

    def test_after_its_tries_it_is_given_up_and_can_be_retried_by_hand(self, kind, woken):
        kind("test.fail", lambda run: 1 / 0, tries=2)
        job = jobs.enqueue("test.fail")
        jobs.work_off()
        with later(60):
            jobs.work_off()
        job.refresh_from_db()
        assert (job.state, job.tries) == ("dead", 2)
        assert jobs.retry(job)
        job.refresh_from_db()
        assert (job.state, job.tries) == ("waiting", 0)
        assert not jobs.retry(job)

    def test_a_hopeless_job_is_given_up_at_once(self, kind):
        def hopeless(run):
            raise jobs.Hopeless("the file is no table")

        kind("test.hopeless", hopeless)
        job = jobs.enqueue("test.hopeless")
        jobs.work_off()
        job.refresh_from_db()
        assert job.state == "dead"

    def test_a_kind_no_app_declares_any_more_is_given_up(self, note):
        job = jobs.enqueue("test.note", name="a")
        del kinds._kinds["test.note"]
        jobs.work_off()
        job.refresh_from_db()
        assert job.state == "dead"

    def test_waits_grow_and_are_spread(self):
        waits = [running.wait_before(attempt).total_seconds() for attempt in (2, 5, 30)]
        assert 5 <= waits[0] <= 15
        assert 40 <= waits[1] <= 120
        assert 1800 <= waits[2] <= 5400
        assert len({running.wait_before(2) for _ in range(10)}) > 5

    @pytest.mark.django_db(transaction=True)
    def test_many_workers_do_each_job_once(self, note):
        for number in range(30):
            jobs.enqueue("test.note", name=f"{number:02}")

        def work(_worker):
            try:
                return jobs.work_off()
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(work, range(4))) == 30
        assert tags() == [f"{number:02}" for number in range(30)]

    def test_a_worker_that_vanished_is_replaced_when_its_lease_is_over(self, note):
        job = jobs.enqueue("test.note", name="a")
        running.claim(job.pk)
        assert running.claim() is None
        with later(kinds.kind_of("test.note").lease + 1):
            assert jobs.work_off() == 1
        job.refresh_from_db()
        assert (job.state, job.tries) == ("done", 2)

    def test_a_job_that_kills_each_of_its_workers_is_given_up(self, kind):
        kind("test.poison", lambda run: None, tries=2)
        job = jobs.enqueue("test.poison")
        for number in range(3):
            with later(number * 1000):
                running.claim(job.pk)
        job.refresh_from_db()
        assert (job.state, job.error) == ("dead", "The worker vanished each time.")

    def test_who_comes_back_after_the_lease_changes_nothing(self, note):
        job = jobs.enqueue("test.note", name="a")
        late = running.claim(job.pk)
        with later(1000):
            assert jobs.work_off() == 1
            assert running._run(late) is None
        assert tags() == ["a"]


class TestLongJobs:
    @pytest.fixture
    def long(self, kind):
        """A job of five steps, each a tag; it breaks after the third the first time."""

        def steps(run, broken=True):
            run.progress(total=5)
            for number in range(run.done, 5):
                if number == 3 and broken and run.job.tries == 1:
                    raise RuntimeError("killed")
                with run.step():
                    Tag.objects.create(name=str(number))

        return kind("test.long", steps, atomic=False, lease=30)

    def test_it_resumes_after_its_last_step(self, long):
        job = jobs.enqueue("test.long")
        jobs.work_off()
        job.refresh_from_db()
        assert (job.done, job.total, tags()) == (3, 5, ["0", "1", "2"])
        with later(60):
            jobs.work_off()
        job.refresh_from_db()
        assert (job.state, job.done, tags()) == ("done", 5, ["0", "1", "2", "3", "4"])

    def test_progress_keeps_the_claim(self, kind):
        leases = []

        def slow(run):
            for seconds in (0, 20, 40):
                with later(seconds):
                    run.progress(seconds)
                    leases.append(Job.objects.get().lease_until - timezone.now())

        kind("test.slow", slow, atomic=False, lease=30)
        jobs.enqueue("test.slow")
        jobs.work_off()
        assert leases == [timedelta(seconds=30)] * 3

    def test_it_stops_where_it_is_cancelled(self, kind):
        def steps(run):
            for number in range(5):
                if number == 2:
                    jobs.cancel(run.job)
                with run.step():
                    Tag.objects.create(name=str(number))

        kind("test.steps", steps, atomic=False)
        job = jobs.enqueue("test.steps")
        jobs.work_off()
        job.refresh_from_db()
        assert (job.state, tags()) == ("cancelled", ["0", "1"])

    def test_whoever_gets_on_is_not_given_up_however_often_it_breaks(self, kind):
        def steps(run):
            for number in range(run.done, 6):
                with run.step():
                    Tag.objects.create(name=f"s{number}")
                if number < 5:
                    raise OSError

        kind("test.breaking", steps, atomic=False, tries=2)
        job = jobs.enqueue("test.breaking")
        for hour in range(6):
            with later(hour * 7200):
                jobs.work_off()
        job.refresh_from_db()
        assert (job.state, tags()) == ("done", [f"s{number}" for number in range(6)])

    def test_steps_that_come_to_nothing_use_up_the_tries(self, kind):
        def steps(run):
            with run.step(0):
                Tag.objects.create(name=f"try{run.job.tries}")
            raise OSError

        kind("test.stuck", steps, atomic=False, tries=2)
        job = jobs.enqueue("test.stuck")
        for hour in range(4):
            with later(hour * 7200):
                jobs.work_off()
        job.refresh_from_db()
        assert (job.state, tags()) == ("dead", ["try1", "try2"])

    def test_a_step_without_the_claim_changes_nothing(self, long):
        job = jobs.enqueue("test.long", broken=False)
        late = running.Run(running.claim(job.pk), kinds.kind_of("test.long"))
        with later(100):
            running.claim(job.pk)
            with pytest.raises(jobs.ClaimLost), late.step():
                Tag.objects.create(name="late")
        assert tags() == []

    def test_one_that_waits_is_cancelled_at_once(self, note):
        job = jobs.enqueue("test.note", name="a")
        jobs.cancel(job)
        assert jobs.work_off() == 0
        job.refresh_from_db()
        assert job.state == "cancelled"


class TestSweeping:
    def test_it_wakes_workers_for_all_that_is_due(self, note, woken, monkeypatch):
        monkeypatch.setattr(waking, "enqueue_periodic", lambda: None)
        unwoken = jobs.enqueue("test.note", name="a")
        vanished = jobs.enqueue("test.note", name="b")
        running.claim(vanished.pk)
        jobs.enqueue("test.note", name="c", after=timedelta(hours=1))
        waking.sweep()
        assert woken == [unwoken.pk]
        with later(1000):
            waking.sweep()
        assert woken[1:] == [unwoken.pk, vanished.pk]

    def test_a_job_of_a_dead_process_of_this_machine_need_not_wait(self, note):
        job = jobs.enqueue("test.note", name="a")
        claimed = running.claim(job.pk)
        assert running.release_orphans() == 0
        Job.objects.update(claimed_by=claimed.claimed_by.replace(f"/{running.os.getpid()}/", "/4194304/"))
        assert running.release_orphans() == 1
        assert jobs.work_off() == 1

    def test_a_periodic_job_is_one_row_a_period(self, kind):
        for name in [kind.name for kind in kinds.periodic_kinds()]:
            del kinds._kinds[name]
        kind("test.hourly", lambda run: None, every=timedelta(hours=1))
        with time_machine.travel("2026-11-21T10:05:00Z", tick=False):
            asking.enqueue_periodic()
            asking.enqueue_periodic()
        with time_machine.travel("2026-11-21T11:00:00Z", tick=False):
            asking.enqueue_periodic()
        assert list(Job.objects.order_by("id").values_list("key", flat=True)) == [
            "test.hourly@2026-11-21T10:00:00",
            "test.hourly@2026-11-21T11:00:00",
        ]

    def test_what_is_expired_is_cleared(self, client, rep, note):
        client.post("/accounts/login/", {"login": rep.email, "password": PASSWORD})
        cache.set("old", 1, 10)
        jobs.enqueue("test.note", name="a")
        jobs.work_off()
        with later(100 * 24 * 3600):
            job = jobs.enqueue("crm.clear_expired")
            jobs.work_off()
        job.refresh_from_db()
        assert job.result["jobs"] == 1
        assert not Session.objects.exists()
        assert not UserSession.objects.exists()
        assert not CacheRow.objects.exists()

    @pytest.mark.django_db(transaction=True)
    def test_twenty_sweeps_at_once_write_one_row_a_period(self, kind, woken):
        for name in [kind.name for kind in kinds.periodic_kinds()]:
            del kinds._kinds[name]
        for number in range(5):
            kind(f"test.period{number}", lambda run: None, every=timedelta(days=36500))  # no period ends meanwhile
        start = Barrier(20)

        def sweep(_sweeper):
            try:
                start.wait()
                waking.sweep()
            finally:
                connection.close()

        with ThreadPoolExecutor(20) as pool:
            list(pool.map(sweep, range(20)))
        keys = list(Job.objects.values_list("key", flat=True))
        assert len(keys) == len(set(keys))
        assert Counter(key.split("@")[0] for key in keys) == {f"test.period{number}": 1 for number in range(5)}
