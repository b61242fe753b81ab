"""A run of merges whose worker is killed in the middle, and two runs that are asked for at once."""

import os
import signal
import subprocess
import sys

import pytest

from contacts.models import Person
from crm import duplicates, jobs
from crm.jobs import Job
from crm.jobs.running import release_orphans
from crm.merging.relations import every
from crm.models import Role, User
from crm.undo import Act
from quality import bulk, certain
from quality.models import BulkMerge
from tests.crm.workers import database_url
from tests.factories import quality
from tests.merging.conftest import left_behind
from tests.undo.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CLUSTERS = ("Brunello", "Okonkwo", "Halvorsen", "Fitzgerald")
KILLED = """
import django, os, signal
django.setup()
from crm import jobs
from {module} import {owner}
tried = 0
first = {owner}.{what}
def dies(*args, **kwargs):
    global tried
    tried += 1
    if tried > 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return first(*args, **kwargs)
{owner}.{what} = dies
jobs.work_off()
"""


@pytest.fixture
def boss():
    return User.objects.create_user("boss@firm.example", "stones-in-a-row", role=Role.objects.get(key="administrator"))


@pytest.fixture
def people(boss):
    quality.switched_on(boss)
    for family in CLUSTERS:
        quality.twins(boss, family)
    quality.found(Person)
    return duplicates.kind_of(Person)


def seen(people, boss):
    return {one.ids: one.versions for one in certain.listed(people, boss).ready}


def killed(module, owner, what):
    """Work jobs off in a process that is killed as it does something for the third time."""
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "crm.settings"}
    environment |= {"SECRET_KEY": "for-this-process-alone"}
    program = KILLED.format(module=module, owner=owner, what=what)
    ended = subprocess.run([sys.executable, "-c", program], env=environment, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    release_orphans()


def worked_off(run):
    for _try in range(3):
        jobs.work_off()
    return Job.objects.get(pk=run.pk).state


@pytest.mark.parametrize(
    ("module", "owner", "what"),
    [
        ("quality", "bulk", "_merge_one"),
        ("crm.merging", "joining", "_bring_up_to_date"),
        ("quality", "certain", "rule"),
    ],
)
def test_a_killed_run_goes_on_and_merges_each_once(boss, people, module, owner, what):
    run = bulk.begin(people, seen(people, boss), by=boss)
    killed(module, owner, what)
    done = run.items.exclude(outcome="").count()
    assert done < len(CLUSTERS)
    assert Act.objects.filter(kind="crm.merge").count() == done, "what is noted is what was done"
    assert worked_off(run.job) == "done"
    assert set(run.items.values_list("outcome", flat=True)) == {"merged"}
    assert Act.objects.filter(kind="crm.merge").count() == len(CLUSTERS)
    assert every(Person).exclude(merged_into=None).count() == len(CLUSTERS)
    assert left_behind(Person) == []


def test_a_killed_undoing_goes_on(boss, people):
    run = bulk.begin(people, seen(people, boss), by=boss)
    worked_off(run.job)
    run = bulk.part(run, by=boss)
    killed("quality", "bulk", "_parted")
    assert worked_off(run.parting_job) == "done"
    assert set(run.items.values_list("outcome", flat=True)) == {"parted"}
    assert not every(Person).exclude(merged_into=None).exists()


def test_two_who_press_at_once_get_one_run(boss, people):
    shown = seen(people, boss)
    found = at_once(lambda: bulk.begin(people, shown, by=boss), lambda: bulk.begin(people, shown, by=boss))
    assert found[0] == found[1], found
    assert BulkMerge.objects.count() == 1
    assert Job.objects.filter(kind=bulk.MERGE).count() == 1
