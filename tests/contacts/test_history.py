"""Triggers write every change, of one row or of thousands, with who and why; it can be read back and not altered."""

import pytest
from django.db import DatabaseError, connection, transaction

from contacts.models import Person
from contacts.reach import EmailAddress
from crm import changes, history
from crm.loading import store
from interactions.models import Task
from tests.factories import contacts
from tests.factories.contacts import reload
from tests.factories.interactions import task

pytestmark = pytest.mark.django_db


def events(model, *columns):
    """Return the history of a table as rows, oldest first, with its context."""
    with connection.cursor() as cursor:
        table = model.pgh_event_model._meta.db_table
        cursor.execute(
            f"SELECT pgh_label, {', '.join(columns)}, metadata->>'user', metadata->>'reason' FROM {table}"
            " LEFT JOIN pghistory_context ON pghistory_context.id = pgh_context_id ORDER BY pgh_id"
        )
        return cursor.fetchall()


@pytest.fixture
def people(cast):
    made = [contacts.person(cast.owner, given_name=f"P{number}") for number in range(3)]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE contacts_personevent, contacts_emailaddressevent, interactions_taskevent")
    return made


def test_one_change_is_one_row_with_actor_and_reason(cast, people):
    with history.acting(cast.owner, reason="a test"):
        people[0].job_title = "Countess"
        people[0].save()
    assert events(Person, "pgh_obj_id", "job_title") == [
        ("update", people[0].pk, "Countess", str(cast.owner.pk), "a test")
    ]


def test_a_change_of_many_is_a_row_each_under_one_reason(cast, people):
    with history.acting(cast.manager, reason="hand over"):
        Person.objects.editable_by(cast.manager).filter(pk__in=[p.pk for p in people]).update(stage="customer")
    written = events(Person, "pgh_obj_id", "stage")
    assert sorted(written) == [("update", p.pk, "customer", str(cast.manager.pk), "hand over") for p in people]
    assert {reload(person).version for person in people} == {people[0].version + 1}


def test_what_the_system_does_has_no_actor_but_a_reason(people):
    with history.acting(None, reason="nightly"):
        Person._base_manager.filter(pk=people[0].pk).update(stage="lapsed")
    assert events(Person, "stage") == [("update", "lapsed", None, "nightly")]


def test_an_update_that_changes_nothing_is_no_change(cast, people):
    with history.acting(cast.owner, reason="a test"):
        Person.objects.editable_by(cast.owner).update(stage="lead")
        people[0].save()
    assert events(Person, "stage") == []
    assert reload(people[0]).version == people[0].version


def test_what_follows_from_other_rows_is_no_change_of_the_person(cast, people):
    task(cast.owner, person=people[0])
    assert events(Person, "stage") == []
    assert len(events(Task, "subject")) == 1


def test_a_bulk_load_keeps_its_actor(cast, people):
    rows = [Person(given_name=f"Loaded{number}", owner=cast.owner, team=cast.north) for number in range(5)]
    with history.acting(cast.administrator, reason="Load of people.csv"):
        store(Person, rows)
    written = events(Person, "given_name")
    assert sorted(written) == [
        ("insert", f"Loaded{number}", str(cast.administrator.pk), "Load of people.csv") for number in range(5)
    ]


def test_a_part_that_is_removed_is_kept_in_history(cast, people):
    with history.acting(cast.owner, reason="a test"):
        email = EmailAddress(person=people[0], address="gone@mail.example", is_primary=True)
        email.save()
        email.delete()
    assert [row[:2] for row in events(EmailAddress, "address")] == [
        ("insert", "gone@mail.example"),
        ("delete", "gone@mail.example"),
    ]


def test_nested_reasons_end_where_they_began(cast, people):
    with history.acting(cast.owner, reason="outer"):
        with history.acting(cast.manager, reason="inner"):
            assert history.actor_id() == cast.manager.pk
        assert history.actor_id() == cast.owner.pk
    assert history.actor_id() is None


@pytest.mark.parametrize(
    "statement", ["UPDATE contacts_personevent SET stage = 'x'", "DELETE FROM contacts_personevent"]
)
def test_history_cannot_be_altered(cast, people, statement):
    people[0].stage = "customer"
    people[0].save()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert len(events(Person, "stage")) == 1


def test_a_request_is_the_reason_of_what_it_changes(cast, people, signed_in):
    signed_in(cast.owner).post(f"/people/{people[0].pk}/trash/")
    [(label, trashed_by, user, reason)] = events(Person, "trashed_by_id")
    assert (label, trashed_by, user) == ("update", cast.owner.pk, str(cast.owner.pk))
    assert reason == "POST contacts:person_trash"


def test_history_is_read_only_by_those_who_see_the_record(cast, people):
    for stage in ("customer", "lapsed"):
        people[0].stage = stage
        people[0].save()
    [told] = changes.of(people[0], cast.owner)[0].differences
    assert (told.label, told.before, told.after) == ("Stage", "Customer", "Lapsed")
    for stranger in (cast.other, cast.newrep, cast.anonymous):
        with pytest.raises(Person.DoesNotExist):
            changes.of(people[0], stranger)
