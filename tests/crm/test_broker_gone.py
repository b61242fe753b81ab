"""The broker is stopped or emptied while work is asked for: pages answer at once, rows stand, the work gets done."""

import time

import pytest
import redis
from celery import Celery
from django.test import Client

from contacts.models import Person
from crm import jobs
from crm.jobs import Job, asking
from crm.loading import store
from crm.models import Role, Tag, User
from tests.crm import worker_jobs  # noqa: F401  (declares the jobs)
from tests.crm.workers import broker, kill, started_beat, started_worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = 15  # asked for while the broker is away


@pytest.fixture
def our_broker(monkeypatch):
    """A broker of our own, for this process and for workers: (server, its URL)."""
    with broker() as (server, url):
        elsewhere = Celery("elsewhere")
        elsewhere.config_from_object("django.conf:settings", namespace="CELERY")
        elsewhere.conf.broker_url = url.replace("unix://", "redis+socket://", 1)
        monkeypatch.setattr("crm.celery.app", elsewhere)
        yield server, url


@pytest.fixture
def client(db):
    user = User.objects.create_user("rep@firm.example", "stones-in-a-row", role=Role.objects.get(key="rep"))
    store(Person, [Person(given_name=f"P{number}", family_name="Broken", owner=user) for number in range(30)])
    client = Client()
    client.force_login(user)
    return client


def ask_for_a_job(client):
    """Ask for a change of all that match, as the page does."""
    answer = client.post(
        "/people/bulk/?q=broken", {"change": "tag", "value": "Autumn", "all": "yes", "confirmed": "yes"}
    )
    assert answer.status_code == 302


def notes():
    return sorted(name.rsplit(" ", 1)[0] for name in Tag.objects.values_list("name", flat=True))


def test_pages_answer_while_the_broker_is_away_and_only_the_first_asks_for_it(client, our_broker, caplog):
    server, _url = our_broker
    ask_for_a_job(client)
    server.stop()
    asking.quiet_until = 0.0
    for _again in range(PAGES):
        ask_for_a_job(client)
    failures = [record for record in caplog.records if record.name == "crm.jobs.asking"]
    assert [record.msg["event"] for record in failures] == ["broker_failure"]
    assert Job.objects.filter(kind="crm.change_many", state="waiting").count() == PAGES + 1


@pytest.mark.parametrize("away", [10, pytest.param(300, marks=pytest.mark.long)])
def test_work_is_done_while_the_broker_is_away_and_after(tmp_path, client, our_broker, away):
    """A worker that runs, with nobody's hand: what is asked for before, during and after is each done once."""
    server, url = our_broker
    process = started_worker(tmp_path, redis_url=url)
    try:
        before = jobs.enqueue("test.note_once", word="before")
        wait_until(lambda: Job.objects.filter(pk=before.pk, state="done").exists())
        server.stop()
        stopped = time.monotonic()
        during = [jobs.enqueue("test.note_once", word=f"during {number}") for number in range(5)]
        steps = jobs.enqueue("test.marked_steps", word="step")
        ids = [job.pk for job in [*during, steps]]
        wait_until(lambda: Job.objects.filter(pk__in=ids, state="done").count() == len(ids), seconds=45)
        time.sleep(max(0, away - (time.monotonic() - stopped)))
        server.start()
        asking.quiet_until = 0.0
        wait_until(lambda: reaches_the_worker(process), seconds=90)
    finally:
        kill(process)
    words = [name for name in notes() if not name.startswith("again")]
    assert words == sorted(["before", *(f"during {n}" for n in range(5)), *(f"step {n:02}" for n in range(20))])


def reaches_the_worker(process):
    """Whether jobs asked for now are taken through the broker again: the first may still be a helper's."""
    assert process.poll() is None
    for _again in range(2):
        job = jobs.enqueue("test.note_once", word="again")
        time.sleep(2)
        if not Job.objects.filter(pk=job.pk, state="done").exists():
            return False
    return True


def test_a_worker_that_starts_without_a_broker_works_all_the_same(tmp_path, client, our_broker):
    server, url = our_broker
    server.stop()
    job = jobs.enqueue("test.note_once", word="alone")
    process = started_worker(tmp_path, redis_url=url)
    try:
        wait_until(lambda: Job.objects.filter(pk=job.pk, state="done").exists())
        clears = Job.objects.filter(kind="crm.clear_expired")
        wait_until(lambda: clears.filter(state="done").exists())  # periodic work, too, without beat
    finally:
        kill(process)
    assert notes() == ["alone"]


def test_a_helper_breaks_off_what_takes_too_long(tmp_path, client, our_broker):
    server, url = our_broker
    server.stop()
    job = jobs.enqueue("test.too_slow")
    process = started_worker(tmp_path, redis_url=url)
    try:
        wait_until(lambda: Job.objects.filter(pk=job.pk, state="dead").exists())
    finally:
        kill(process)
    job.refresh_from_db()
    assert job.error == "TimeoutError: It took longer than 1 seconds."


@pytest.mark.long
def test_an_emptied_broker_loses_nothing_and_needs_no_hand(tmp_path, client, our_broker):
    """Emptied again and again while jobs come in: the clock's sweep finds all of them."""
    _server, url = our_broker
    running = [started_worker(tmp_path, redis_url=url), started_beat(tmp_path, redis_url=url)]
    try:
        wait_until(lambda: "ready." in (tmp_path / "worker.log").read_text())
        ids = []
        with redis.Redis.from_url(url) as emptied:
            for number in range(40):
                ids.append(jobs.enqueue("test.note_once", word=f"{number:02}").pk)
                emptied.flushall()
        wait_until(lambda: Job.objects.filter(pk__in=ids, state="done").count() == len(ids), seconds=150)
    finally:
        for process in running:
            kill(process)
    assert notes() == [f"{number:02}" for number in range(40)]
