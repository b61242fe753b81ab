"""A table that a merge would forget, or could not put back, stops `manage.py check`."""

from datetime import date

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext, isolate_apps

from contacts.models import Person
from crm import merging
from crm.merging import checks, references, registry, relations
from crm.merging.relations import every
from crm.models import Share
from crm.undo import journal
from interactions.models import Participation, Task
from tests.factories import contacts, interactions


def found():
    return {(error.id, error.msg.split(" ")[0].rstrip(":")) for error in checks.merges_are_whole(None)}


def without(mapping, key, monkeypatch):
    monkeypatch.delitem(mapping, key)


def test_nothing_is_forgotten():
    assert found() == set()


def test_a_table_that_knows_records_by_kind_and_id_says_what_becomes_of_them(monkeypatch):
    without(registry._references, (Share, "record_id"), monkeypatch)
    assert ("crm.E003", "crm.Share.record_id") in found()


def test_a_unique_constraint_over_a_moved_key_has_a_rule(monkeypatch):
    without(registry._collisions, Participation, monkeypatch)
    assert ("crm.E004", "interactions.participation.person") in found()


def test_what_is_moved_is_journaled(monkeypatch):
    without(journal._journaled, "interactions.task", monkeypatch)
    assert ("crm.E005", "interactions.Task") in found()


def test_what_is_moved_follows_merges(monkeypatch):
    monkeypatch.setattr(references, "_following", references._following - {("interactions.task", "person")})
    assert ("crm.E006", "interactions.task.person") in found()


@isolate_apps("interactions")
def test_every_way_to_name_a_record_is_found(monkeypatch):
    class Badge(models.Model):  # noqa: DJ008
        person = models.OneToOneField(Person, models.CASCADE, related_name="+")
        friends = models.ManyToManyField(Person, related_name="+")

        class Meta:
            app_label = "interactions"

    class Star(models.Model):  # noqa: DJ008
        record_kind = models.CharField(max_length=60)
        record_id = models.BigIntegerField()

        class Meta:
            app_label = "interactions"

    tables = [Badge, Badge.friends.through, Star]
    monkeypatch.setattr(relations, "_tables", lambda: tables)
    assert [str(one) for one in relations.relations_of(Person)] == [
        "interactions.badge.person",
        "interactions.badge_friends.person",
    ]
    assert relations.named_by_kind() == [(Star, "record_id")]
    told = found()
    assert ("crm.E003", "interactions.Star.record_id") in told
    assert {("crm.E004", "interactions.badge.person"), ("crm.E004", "interactions.badge_friends.person")} <= told


def statements(people, by):
    with CaptureQueriesContext(connection) as captured:
        merging.merge(Person, [one.pk for one in people], by=by)
    return len(captured)


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_children(cast):
    counts = []
    for number in (2, 40):
        people = [contacts.person(cast.owner, emails=["same@x.example", f"{at}@x.example"]) for at in range(3)]
        for person in people:
            for _child in range(number):
                interactions.task(cast.owner, person=person)
        counts.append(statements(people, cast.administrator))
    assert counts[0] == counts[1]
    assert counts[1] < 130


@pytest.mark.django_db
def test_five_thousand_children_in_as_many_statements(cast):
    people = [contacts.person(cast.owner) for _ in range(3)]
    tasks = [
        Task(subject=f"T{at}", due_on=date(2026, 12, 1), owner=cast.owner, person=people[at % 3]) for at in range(5_000)
    ]
    for task in tasks:
        task.standardise()
    every(Task).bulk_create(tasks)
    few = statements([contacts.person(cast.owner) for _ in range(3)], cast.administrator)
    assert statements(people, cast.administrator) <= few + 15
    assert every(Task).filter(person=people[0]).count() == 5_000
