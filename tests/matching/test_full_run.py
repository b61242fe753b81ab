"""The full run in parts: several workers find what one finds, one that is killed is made up for, increments stand."""

import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from contacts.models import Person
from contacts.reach import EmailAddress, PostalAddress
from contacts.services import save_with_parts
from crm import duplicates, history, jobs
from crm.duplicates import Suggestion, full_run
from crm.duplicates.rows import MatchPart, MatchRun
from crm.events import Event, delivering
from crm.jobs import Job
from tests.crm.workers import database_url, kill
from tests.factories import contacts
from tests.matching.conftest import person, state

NAMES = ("Ada Lovelacing", "Peter Brunello", "Zofia Marczak", "Igor Petrovsky")


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of a few records and pairs, so that there are many."""
    monkeypatch.setattr(full_run, "RANGE", 2)
    monkeypatch.setattr(full_run, "READ_AT_ONCE", 3)
    monkeypatch.setattr(full_run, "PAIRS_AT_ONCE", 4)


@pytest.fixture
def many(rep):
    """Four people, three times each."""
    firm = contacts.company(rep, name="Kobelt Services KG")
    return [
        person(rep, name, email=f"{name.split()[1].lower()}@kobelt.de", company=firm if number else None)
        for number in range(3)
        for name in NAMES
    ]


def in_one_piece(monkeypatch):
    """What a run finds that is not divided."""
    with monkeypatch.context() as patched:
        for name in ("RANGE", "READ_AT_ONCE", "PAIRS_AT_ONCE"):
            patched.setattr(full_run, name, 1000)
        duplicates.match_all(Person)
    found = state()
    Suggestion.objects.all().delete()
    return found


def in_a_thread(function):
    def run():
        try:
            function()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_several_workers_find_what_one_finds(many, small_parts, monkeypatch):
    whole = in_one_piece(monkeypatch)
    helpers, helped = [], []

    def call(run, parts):
        assert parts > 1
        helpers.extend(in_a_thread(lambda: helped.append(duplicates.help_with(run))) for _ in range(2))

    duplicates.match_all(Person, call=call, beat=lambda: [helper.join() for helper in helpers[-2:]])
    assert sum(helped) > 4  # not all was done by the one that leads
    assert state() == whole
    assert len({row[4] for row in whole}) == len(NAMES)
    assert not MatchRun.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("parts", [0, 3, 9])
def test_a_run_goes_on_where_the_last_try_stopped(many, small_parts, monkeypatch, parts):
    whole = in_one_piece(monkeypatch)
    beats = []

    def beat():
        beats.append(None)
        if len(beats) == parts + 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        duplicates.match_all(Person, beat=beat)
    assert MatchPart.objects.filter(done=True).count() == parts
    run = MatchRun.objects.get()
    runs = set()
    duplicates.match_all(Person, beat=lambda: runs.add(MatchRun.objects.get().pk))
    assert runs == {run.pk}
    assert state() == whole


@pytest.mark.django_db(transaction=True)
def test_two_who_lead_at_once_end_with_one_result(many, small_parts, monkeypatch):
    whole = in_one_piece(monkeypatch)
    found = []
    leaders = [in_a_thread(lambda: found.append(duplicates.match_all(Person).suggestions)) for _ in range(2)]
    for leader in leaders:
        leader.join(60)
    assert found == [len(whole)] * 2
    assert state() == whole


@pytest.mark.django_db
@pytest.mark.parametrize("stage", ["read", "block", "compare"])
def test_what_an_increment_looked_at_meanwhile_stands(many, rep, small_parts, stage):
    """Whatever the run has read by then: one moves away from the others, one comes to them, one goes to the trash."""
    delivering.deliver()
    ada, zofia, igor = many[4], many[10], many[11]
    told = []

    def beat():
        if told or not MatchPart.objects.filter(stage=stage, done=True).exists():
            return
        told.append(stage)
        EmailAddress.objects.unscoped(because="a test").filter(person=ada).delete()
        with history.acting(rep, reason="test"):
            ada.given_name, ada.family_name = "Quentin", "Somebody"
            save_with_parts(record=ada, parts=[PostalAddress(city="Oslo")])
            zofia.given_name = "Sofia"
            save_with_parts(record=zofia, parts=[])
        igor.trash(by=rep)
        delivering.deliver()

    duplicates.match_all(Person, beat=beat)
    assert told
    found = {(row.left, row.right): row.cluster for row in Suggestion.objects.filter(kind=1)}
    gone = {pk for pair in found for pk in pair} & {ada.pk, igor.pk}
    assert gone == set()
    assert found[(many[2].pk, zofia.pk)] == many[2].pk
    cleared = {key: value for key, value in found.items() if zofia.pk not in key}
    duplicates.match_all(Person)
    again = {(row.left, row.right): row.cluster for row in Suggestion.objects.filter(kind=1)}
    assert {key: value for key, value in again.items() if zofia.pk not in key} == cleared
    assert again == found


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "again"), [(60, False), (5, True), (-60, True)])
def test_what_was_written_well_before_a_full_run_is_not_looked_at_again(many, before, again):
    """As after an import, whose run looks at all of it at once; of what was written just before it is not sure."""
    Event.objects.update(noted_at=timezone.now() - timedelta(seconds=before))
    duplicates.match_all(Person)
    Suggestion.objects.all().delete()
    delivering.deliver()
    assert Suggestion.objects.exists() == again


@pytest.mark.django_db
def test_blocks_too_large_are_reported(rep, monkeypatch):
    for number in range(60):
        person(rep, f"Person{number:02} Distinctive{number:02}", email="info@kobelt.de")
    large = {one.key: (one.blocks, one.records) for one in duplicates.match_all(Person).large}
    assert large["e-mail"] == (1, 60)


@pytest.mark.django_db
def test_the_job_calls_for_help_and_tells_what_it_found(many, small_parts):
    Job.objects.all().delete()
    job = jobs.enqueue("crm.find_duplicates")
    jobs.work_off()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert job.result["contacts.person"]["suggestions"] == Suggestion.objects.filter(kind=1).count() > 0
    assert Job.objects.filter(kind="crm.help_to_match", state=Job.State.DONE).exists()


HANGS = """
import os, time, django
django.setup()
from crm.duplicates import full_run
from crm.duplicates.rows import MatchRun
def hang(*_part):
    print("taken", flush=True)
    time.sleep(600)
full_run.DONE = dict.fromkeys(full_run.DONE, hang)
full_run.help_with(MatchRun.objects.get().pk)
"""


@pytest.mark.django_db(transaction=True)
def test_the_part_of_a_killed_worker_is_done_by_another(many, small_parts, monkeypatch):
    whole = in_one_piece(monkeypatch)
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "crm.settings"}
    environment |= {"SECRET_KEY": "for-this-worker-alone-and-nobody-else-at-all-in-the-world"}
    killed = []

    def call(_run, _parts):
        if killed:
            return
        command = [sys.executable, "-c", HANGS]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, start_new_session=True)
        killed.append(process.stdout.readline())
        threading.Timer(1, kill, [process]).start()  # while the one that leads waits for it

    duplicates.match_all(Person, call=call)
    assert killed == [b"taken\n"]
    assert state() == whole
