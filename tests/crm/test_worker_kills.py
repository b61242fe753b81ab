"""The whole process group of a real worker is killed at random moments: nothing is lost, nothing is done twice."""

import csv
import io
import random
import time
from collections import Counter

import pytest
from django.test import Client

from contacts.models import Person
from crm import events, jobs
from crm.jobs import Job, files
from crm.loading import store
from crm.models import Role, Tag, User
from tests.crm.worker_jobs import STEPS
from tests.crm.workers import kill, started_worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 80


@pytest.fixture
def rep():
    """A rep with people of their own, on a site that holds nothing else."""
    user = User.objects.create_user("rep@firm.example", "stones-in-a-row", role=Role.objects.get(key="rep"))
    store(Person, [Person(given_name=f"P{number:03}", family_name="Killed", owner=user) for number in range(PEOPLE)])
    return user


def asked(rep, word):
    """Ask for a job of each sort; return them by name."""
    listed = {"kind": "contacts.person", "query": "sort=name&columns=name"}
    return {
        "steps": jobs.enqueue("test.marked_steps", by=rep, word=word),
        "export": jobs.enqueue("crm.export_list", by=rep, form="csv", **listed),
        "bulk": jobs.enqueue("crm.change_many", by=rep, change="tag", value=word, **listed),
        **{f"note{number}": jobs.enqueue("test.note_once", by=rep, word=f"{word} note{number}") for number in range(4)},
    }


def all_done(asked_for):
    ids = [job.pk for job in asked_for.values()]
    return lambda: Job.objects.filter(pk__in=ids, state="done").count() == len(ids)


def check_each_effect_is_there_once(asked_for, word):
    marks = Counter(name.rsplit(" ", 1)[0] for name in Tag.objects.values_list("name", flat=True))
    wanted = [f"{word} {number:02}" for number in range(STEPS)] + [f"{word} note{number}" for number in range(4)]
    assert {name: count for name, count in marks.items() if name.startswith(f"{word} ")} == dict.fromkeys(wanted, 1)
    text = b"".join(files.parts(asked_for["export"])).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    assert [row[0] for row in rows] == [f"P{number:03} Killed" for number in range(PEOPLE)]
    events = Person.pgh_event_model.objects.filter(pgh_label="update", tags__contains=[word]).order_by()
    first = Counter(event.pgh_obj_id for event in events if event.tags[-1] == word)
    assert set(first.values()) == {1}
    assert len(first) == PEOPLE


@pytest.mark.parametrize(
    ("seed", "rounds"), [pytest.param(5, 5, id="five"), pytest.param(25, 25, id="many", marks=pytest.mark.long)]
)
def test_killed_at_any_moment_every_job_ends_done_with_each_effect_once(tmp_path, rep, seed, rounds):
    chance = random.Random(seed)
    process, cut_short = started_worker(tmp_path), 0
    try:
        for number in range(rounds):
            word = f"w{number:02}"
            wait_until(lambda: "ready." in (tmp_path / "worker.log").read_text())
            asked_for = asked(rep, word)
            time.sleep(chance.uniform(0.05, 1.8))
            kill(process)
            cut_short += not all_done(asked_for)()
            process = started_worker(tmp_path)
            wait_until(all_done(asked_for), seconds=90)
            check_each_effect_is_there_once(asked_for, word)
    finally:
        kill(process)
    assert cut_short > rounds / 2, "most kills have to fall into the work"


def test_killed_at_any_moment_every_event_is_told_once_and_in_order(tmp_path, rep):
    chance, number = random.Random(3), 400
    events.Listener.objects.create(key="test.mark", position=0)
    people = list(Person.objects.unscoped(because="a test").order_by("pk").values_list("pk", flat=True)[:5])
    noted = [events.note_many("contacts.person.changed", people[at % 5 :][:1])[0] for at in range(number)]
    jobs.ensure("crm.deliver_events")
    process, cut_short = started_worker(tmp_path), 0
    try:
        for _round in range(4):
            wait_until(lambda: "ready." in (tmp_path / "worker.log").read_text())
            time.sleep(chance.uniform(0.2, 1.5))
            kill(process)
            cut_short += Tag.objects.count() < number
            process = started_worker(tmp_path)
        wait_until(lambda: Tag.objects.count() >= number, seconds=90)
    finally:
        kill(process)
    marks = [tuple(map(int, name.split()[:2])) for name in Tag.objects.order_by("pk").values_list("name", flat=True)]
    assert sorted(pk for pk, _person in marks) == noted
    for person in people:
        ids = [pk for pk, of in marks if of == person]
        assert ids == sorted(ids)
    assert cut_short > 1, "most kills have to fall into the work"


def test_the_asker_fetches_the_file_of_a_job_that_was_cut_short(tmp_path, rep):
    process = started_worker(tmp_path)
    try:
        job = asked(rep, "x")["export"]
        time.sleep(0.5)
    finally:
        kill(process)
    process = started_worker(tmp_path)
    try:
        wait_until(lambda: Job.objects.filter(pk=job.pk, state="done").exists())
    finally:
        kill(process)
    client = Client()
    client.force_login(rep)
    assert client.get(f"/jobs/{job.pk}/file/").getvalue().count(b"Killed") == PEOPLE
