"""The process that writes is killed at random moments, two write at once: at the end everything is there once."""

import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from contacts.models import Company, Person
from contacts.reach import EmailAddress
from crm import undo
from crm.importing import running
from crm.importing.rows import Import
from crm.jobs import Job
from crm.jobs.running import release_orphans, run_job
from tests.crm.workers import database_url
from tests.factories import crm
from tests.importing.conftest import bring, check, rows

pytestmark = pytest.mark.django_db(transaction=True)
WRITER = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "crm.settings"
django.setup()
from crm.importing import running
from crm.jobs.running import run_job
running.STEP_ROWS = 20
print("ready", flush=True)
print(run_job({job}), flush=True)
"""
ROWS = 400


def everybody():
    return Person.objects.unscoped(because="a test counts")


def writer(job):
    environment = os.environ | {"DATABASE_URL": database_url(), "SECRET_KEY": "for-this-writer-alone"}
    environment |= {"CORNERSTONE_PROCESS": "worker"}
    command = [sys.executable, "-c", WRITER.format(job=job.pk)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


@transaction.atomic
def step(act, user):
    return undo.step(act, by=user, job=act.undoing_job)


@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.long)])
def test_killed_at_any_moment_the_import_ends_whole_and_is_undone_whole(kills):
    user, chance = crm.user("Writer", role="administrator"), random.Random(kills)
    asked = check(bring(user, rows(ROWS)))
    job = running.ask_to_run(asked)
    cut_short = 0
    for _kill in range(kills):
        process = writer(job)
        process.stdout.readline()
        time.sleep(chance.uniform(0.05, 0.8))
        process.kill()
        process.wait()
        job.refresh_from_db()
        cut_short += job.state != Job.State.DONE
        release_orphans()
    process = writer(job)
    process.wait(timeout=120)
    job.refresh_from_db()
    assert (job.state, job.done, cut_short > 0) == (Job.State.DONE, ROWS, True)
    assert everybody().count() == ROWS == EmailAddress.objects.unscoped(because="a test counts").count()
    assert Company.objects.unscoped(because="a test counts").count() == 3
    assert Import.objects.get(pk=asked.pk).counts["new"] == ROWS
    asked.refresh_from_db()
    act = undo.undo(running.act_of(asked), by=user)
    while step(act, user):
        pass
    act.refresh_from_db()
    assert (act.state, everybody().filter(trashed_at=None).count()) == ("undone", 0)


def test_two_at_once_do_not_double():
    users = [crm.user(f"Admin{number}", role="administrator") for number in range(2)]
    imports = [check(bring(user, rows(40))) for user in users]
    assert [asked.counts["new"] for asked in imports] == [40, 40]
    found = [running.ask_to_run(asked) for asked in imports]

    def go(job):
        try:
            return run_job(job.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(go, found)) == ["done", "done"]
    assert everybody().count() == 40
    assert Company.objects.unscoped(because="a test counts").filter(name__startswith="Firm").count() == 3
    both = [Import.objects.get(pk=asked.pk).counts for asked in imports]
    assert sum(counts.get("new", 0) + counts.get("double", 0) for counts in both) == 40
    assert sum(counts.get("same", 0) for counts in both) == 40
