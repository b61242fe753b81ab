"""Merges against one another, against an edit, the trash and a child saved at the same moment; and a kill inside."""

# ruff: noqa: B023  (the threads of a round end before the next begins)
import os
import signal
import subprocess
import sys
import threading
from datetime import date

import pytest
from django.db import connection, transaction

from contacts.models import Person
from contacts.services import save_with_parts
from crm import merging, undo
from crm.merging.relations import every
from crm.models import Role, User
from interactions.models import Task
from tests.crm.workers import database_url
from tests.factories import contacts, interactions
from tests.factories.contacts import reload
from tests.merging.conftest import left_behind, whole
from tests.undo.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


@pytest.fixture
def admin():
    return User.objects.create_user("admin@firm.example", "stones-in-a-row", role=Role.objects.get(key="administrator"))


def people(admin, number=3):
    made = [contacts.person(admin, emails=[f"p{at}@x.example"]) for at in range(number)]
    for person in made:
        interactions.task(admin, person=person)
        interactions.talk(admin, people=[person])
    return made


def merge(admin, kept, *others):
    return merging.merge(Person, [kept.pk, *(one.pk for one in others)], survivor=kept.pk, by=admin)


def names(found):
    return sorted(type(one).__name__ for one in found)


def test_of_two_opposite_merges_one_wins(admin):
    for _round in range(ROUNDS):
        one, other, _third = people(admin)
        found = at_once(lambda: merge(admin, one, other), lambda: merge(admin, other, one))
        assert names(found) == ["Act", "Gone"], found
        assert sorted(bool(reload(person).merged_into_id) for person in (one, other)) == [False, True]
        assert left_behind(Person) == []


def test_merges_in_a_ring_make_no_ring(admin):
    for _round in range(ROUNDS):
        a, b, c = people(admin)
        at_once(lambda: merge(admin, a, b), lambda: merge(admin, b, c), lambda: merge(admin, c, a))
        ends = set(merging.living_of(Person, [a.pk, b.pk, c.pk]).values())
        assert ends
        assert left_behind(Person) == []


def test_a_child_saved_meanwhile_is_at_the_survivor(admin):
    for _round in range(ROUNDS):
        kept, gone, _third = people(admin)
        found = at_once(
            lambda: merge(admin, kept, gone),
            lambda: interactions.task(admin, person=gone, subject="Meanwhile"),
            lambda: interactions.talk(admin, people=[gone, kept]) if _round % 2 else None,
        )
        assert type(found[0]).__name__ == "Act", found
        assert left_behind(Person) == []
        if isinstance(found[1], Task):
            assert every(Task).get(pk=found[1].pk).person_id == kept.pk


def test_a_child_whose_save_waits_for_the_merge_finds_the_survivor(admin):
    """The insert begins while the merge is under way: it waits at the trigger, and goes on with the new id."""
    kept, gone, _third = people(admin)
    task = Task(subject="Waits", due_on=date(2026, 12, 1), owner=admin)
    merged, go_on = threading.Event(), threading.Event()

    def slowly():
        try:
            with transaction.atomic():
                merge(admin, kept, gone)
                merged.set()
                go_on.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slowly)
    thread.start()
    assert merged.wait(20)
    threading.Timer(0.5, go_on.set).start()
    task.person_id = gone.pk
    task.save()
    thread.join(20)
    assert every(Task).get(pk=task.pk).person_id == kept.pk
    assert left_behind(Person) == []


def test_an_edit_and_a_merge_at_once(admin):
    """The edit comes first and the merge sees it, or it finds the record gone: as the form does, it locks first."""
    for _round in range(ROUNDS):
        kept, gone, _third = people(admin)

        def edit(pk=gone.pk):
            with transaction.atomic():
                record = Person.objects.editable_by(admin).select_for_update(of=("self",)).filter(pk=pk).first()
                if record:
                    record.job_title = "Edited"
                    save_with_parts(record=record)
                return bool(record)

        found = at_once(lambda kept=kept, gone=gone: merge(admin, kept, gone), edit)
        assert isinstance(found[0], undo.Act), found
        assert reload(kept).job_title == ("Edited" if found[1] else "")
        assert left_behind(Person) == []


def test_the_trash_and_a_merge_at_once(admin):
    for _round in range(ROUNDS):
        kept, gone, _third = people(admin)
        found = at_once(lambda: merge(admin, kept, gone), lambda gone=gone: gone.trash(by=admin))
        is_merged, is_trashed = bool(reload(gone).merged_into_id), bool(reload(gone).trashed_at)
        assert is_merged != is_trashed, "one of the two"
        assert isinstance(found[0], undo.Act if is_merged else merging.Gone)


def test_a_merge_and_taking_one_apart_at_once(admin):
    for _round in range(ROUNDS):
        a, b, c = people(admin)
        before = whole(Person, [a.pk, b.pk, c.pk])
        inner = merge(admin, a, b)
        found = at_once(lambda: merge(admin, c, a), lambda: merging.unmerge(inner, by=admin))
        assert not [one for one in found if not isinstance(one, undo.Act)], found
        assert left_behind(Person) == []
        assert merging.unmerge(found[0], by=admin).state == "undone"
        assert whole(Person, [a.pk, b.pk, c.pk]) == before


KILLED = """
import django, os, signal, sys
django.setup()
from contacts.models import Person
from crm import merging
from crm.merging import joining
from crm.models import User
def dies(*args): os.kill(os.getpid(), signal.SIGKILL)
setattr({where}, "{what}", dies)
ids = [int(pk) for pk in sys.argv[1:]]
merging.merge(Person, ids, by=User.objects.get(email="admin@firm.example"))
"""


@pytest.mark.parametrize(
    ("where", "what"),
    [("joining._Merge", "_choose_primary"), ("joining._Merge", "_bury"), ("joining", "_bring_up_to_date")],
)
def test_a_kill_inside_leaves_nothing_half_done(admin, where, what):
    some = people(admin)
    ids = [one.pk for one in some]
    before = whole(Person, ids), undo.Act.objects.count()
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "crm.settings"}
    environment |= {"SECRET_KEY": "for-this-process-alone"}
    program = KILLED.format(where=where, what=what)
    ended = subprocess.run([sys.executable, "-c", program, *map(str, ids)], env=environment, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert (whole(Person, ids), undo.Act.objects.count()) == before
    assert merge(admin, *some).rows
