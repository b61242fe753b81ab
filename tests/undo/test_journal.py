"""What an act did is noted whole, however it was written, and undo reads only that."""

import pytest
from django.apps import apps
from django.db import connection

from contacts.models import Company, Person
from contacts.reach import EmailAddress
from contacts.services import save_with_parts
from crm import undo
from crm.history import acting
from crm.models import Share
from crm.records import Part, Record
from crm.undo.rows import UndoEntry
from interactions.models import Participation, Task
from tests.factories import contacts, crm, interactions
from tests.factories.contacts import reload
from tests.undo.conftest import values

pytestmark = pytest.mark.django_db


def people_of(records):
    return Person.objects.unscoped(because="a test writes").filter(pk__in=[record.pk for record in records])


def noted(act):
    return {(one.kind, one.row_id): (one.operation, one.before, one.after) for one in act.entries.all()}


def test_whatever_writes_is_noted_and_nothing_outside(cast):
    ada, bob, eve = (contacts.person(cast.owner, given_name=name) for name in ("Ada", "Bob", "Eve"))
    people_of([ada]).update(notes="before")
    with undo.recording("crm.tag", by=cast.owner) as act:
        people_of([ada]).update(notes="by update")
        bob.job_title = "By save"
        bob.save()
        eve.notes = "by bulk_update"
        people_of([eve]).bulk_update([eve], ["notes"])
        mail = EmailAddress(person=ada, address="ada@x.example", is_primary=True)
        EmailAddress.objects.unscoped(because="a test writes").bulk_create([mail])
    people_of([ada]).update(notes="after")
    found = noted(act)
    assert found["contacts.person", ada.pk] == ("update", {"notes": "before"}, {"notes": "by update"})
    assert found["contacts.person", bob.pk] == ("update", {"job_title": ""}, {"job_title": "By save"})
    assert found["contacts.person", eve.pk] == ("update", {"notes": ""}, {"notes": "by bulk_update"})
    assert found["contacts.emailaddress", mail.pk][0] == "insert"
    assert (len(found), act.rows) == (4, 4)


def test_a_row_changed_twice_is_one_entry_with_the_first_before_and_the_last_after(cast):
    ada = contacts.person(cast.owner, notes="one")
    with undo.recording("crm.tag", by=cast.owner) as act:
        people_of([ada]).update(notes="two")
        people_of([ada]).update(notes="three", job_title="Boss")
    wanted = ("update", {"notes": "one", "job_title": ""}, {"notes": "three", "job_title": "Boss"})
    assert noted(act) == {("contacts.person", ada.pk): wanted}


def test_a_row_that_came_and_went_is_nothing(cast, undone):
    ada = contacts.person(cast.owner)
    with undo.recording("crm.tag", by=cast.owner) as act:
        mail = EmailAddress(person=ada, address="ada@x.example")
        mail.save()
        pk = mail.pk
        mail.delete()
    assert act.entries.get().operation == "none"
    assert undone(act, cast.owner).found[pk].outcome == "restored"


def test_an_error_takes_act_and_journal_back(cast):
    ada = contacts.person(cast.owner)
    before = undo.Act.objects.count()
    with pytest.raises(ZeroDivisionError), undo.recording("crm.tag", by=cast.owner):
        people_of([ada]).update(notes="x")
        raise ZeroDivisionError
    people_of([ada]).update(notes="y")
    assert (undo.Act.objects.count(), UndoEntry.objects.filter(row_id=ada.pk).count()) == (before, 0)


def test_what_changed_nothing_is_no_act(cast):
    ada = contacts.person(cast.owner, notes="same")
    with undo.recording("crm.tag", by=cast.owner) as act:
        people_of([ada]).update(notes="same", last_contacted_at=None)
    assert act.rows == 0
    assert not undo.Act.objects.visible_to(cast.owner).filter(pk=act.pk)


def test_a_recording_within_another_belongs_to_it(cast):
    ada = contacts.person(cast.owner)
    with undo.recording("crm.tag", by=cast.owner) as act:
        with undo.recording("crm.trash", by=cast.owner) as inner:
            people_of([ada]).update(notes="x")
        people_of([ada]).update(job_title="y")
    assert inner == act
    assert act.rows == 1


def test_every_kind_of_value_comes_back_as_it_was(cast, undone):
    company = contacts.company(cast.owner)
    wanted = {
        "notes": 'A "quote", \\ a backslash, \n a line, ‏עברית‏ and 🧱',
        "tags": ["a,b", 'c"d', "{e}", "NULL", "ü"],
        "typed": {"given_name": "x", "deep": {"list": [1, 2.5, None, "é"]}},
        "born_on": None,
        "company_id": company.pk,
        "language": "nb",
    }
    ada = contacts.person(cast.owner)
    people_of([ada]).update(**wanted)
    made = reload(ada).created_at
    with undo.recording("crm.tag", by=cast.owner) as act:
        people_of([ada]).update(
            notes="", tags=[], typed={}, born_on="1815-12-10", company=None, language="", created_at="2020-02-02T02:02Z"
        )
    assert undone(act, cast.owner).state == "undone"
    assert dict(zip([*wanted, "created_at"], values(ada, *wanted, "created_at"), strict=True)) == {
        **wanted,
        "created_at": made,
    }


def test_a_version_rises_and_history_says_who_and_why(cast, undone):
    ada = contacts.person(cast.owner)
    with undo.recording("crm.tag", by=cast.owner) as act:
        people_of([ada]).update(notes="x")
    (version,) = values(ada, "version")
    undone(act, cast.manager)
    assert values(ada, "version", "updated_by") == (version + 1, cast.manager)
    event = Person.pgh_event_model.objects.filter(pgh_obj_id=ada.pk).order_by("-pgh_id").first()
    assert (event.pgh_user_id, event.pgh_context.metadata["reason"]) == (cast.manager.pk, f"undo {act.pk}")


def test_rows_of_any_table_come_back_and_those_added_go(cast, undone):
    """As a merge needs it: keys moved, parts removed, link rows removed and added, a record made."""
    ada, bob = contacts.person(cast.owner, emails=["ada@x.example", "a@y.example"]), contacts.person(cast.owner)
    task, talk = interactions.task(cast.owner, person=ada), interactions.talk(cast.owner, people=[ada])
    emails = EmailAddress.objects.of(ada).order_by("pk")
    was = list(emails.values())
    with acting(cast.owner, reason="a test merges"), undo.recording("test.merge", by=cast.owner, for_ever=True) as act:
        Task.objects.unscoped(because="a test merges").filter(pk=task.pk).update(person=bob)
        rows = Participation.objects.unscoped(because="a test merges").filter(interaction=talk)
        rows.delete()
        Participation.objects.unscoped(because="a test merges").bulk_create(
            [Participation(interaction=talk, person=bob, at=talk.at)]
        )
        EmailAddress.objects.unscoped(because="a test merges").filter(person=ada).delete()
        people_of([ada]).update(merged_into=bob)
        share = Share.objects.create(kind="contacts.person", record_id=bob.pk, user=cast.other, shared_by=cast.owner)
        made = save_with_parts(
            record=Person(given_name="Made", family_name="Here", owner=cast.owner),
            parts=[EmailAddress(address="made@x.example", is_primary=True)],
        )
    assert act.until is None
    with acting(cast.owner, reason="a test"):
        act = undone(act, cast.owner)
    assert (act.state, act.outcome["restored"]) == ("undone", act.rows)
    assert values(task, "person") == (ada,)
    assert [row.person for row in Participation.objects.of(talk)] == [ada]
    assert list(emails.values()) == was
    assert values(ada, "merged_into") == (None,)
    assert not Share.objects.filter(pk=share.pk)
    assert values(made, "is_trashed") == (True,)
    assert EmailAddress.objects.of(made).get().address == "made@x.example"
    assert set(reload(ada).words) >= {"ada@x.example"} or "ada" in reload(ada).words


def test_what_was_added_and_changed_since_stays(cast, undone):
    with undo.recording("test.import", by=cast.owner) as act:
        person = contacts.person(cast.owner, given_name="Imported", emails=["i@x.example"])
    people_of([person]).update(job_title="Boss")
    act = undone(act, cast.owner)
    assert (act.state, act.found[person.pk].outcome) == ("partly", "kept")
    assert act.found[person.pk].kept == {"job_title": "Boss"}
    assert values(person, "is_trashed") == (False,)
    assert EmailAddress.objects.of(person).count() == 1


def run_sql(*statements):
    with connection.cursor() as cursor:
        for statement in ("SET CONSTRAINTS ALL IMMEDIATE", *statements, "SET CONSTRAINTS ALL DEFERRED"):
            cursor.execute(statement)


def test_a_column_dropped_since_is_reported_and_the_rest_restored(cast, undone):
    ada = contacts.person(cast.owner, notes="before")
    run_sql("ALTER TABLE contacts_person ADD COLUMN fax text NOT NULL DEFAULT '12'")
    with undo.recording("crm.tag", by=cast.owner) as act:
        run_sql(f"UPDATE contacts_person SET fax = '34', notes = 'after' WHERE id = {ada.pk}")
    assert act.entries.get().before == {"notes": "before", "fax": "12"}
    run_sql("ALTER TABLE contacts_person DROP COLUMN fax")
    act = undone(act, cast.owner)
    assert values(ada, "notes") == ("before",)
    assert (act.found[ada.pk].outcome, act.found[ada.pk].kept) == ("partly", {"fax": None})


def test_values_are_compared_as_what_they_are_not_by_their_spelling(cast, undone):
    """A column that became another type since reads what was noted under the old one."""
    ada = contacts.person(cast.owner, born_on="1815-12-10")
    with undo.recording("crm.tag", by=cast.owner) as act:
        people_of([ada]).update(born_on="1815-12-11")
    act.entries.update(before={"born_on": "1815-12-10T00:00:00"}, after={"born_on": "Dec 11, 1815 00:00"})
    assert undone(act, cast.owner).state == "undone"
    assert str(values(ada, "born_on")[0]) == "1815-12-10"


def test_a_value_that_no_longer_fits_its_column_leaves_the_row(cast, undone):
    ada, bob = contacts.person(cast.owner), contacts.person(cast.owner)
    with undo.recording("crm.tag", by=cast.owner) as act:
        people_of([ada, bob]).update(born_on="1815-12-11")
    act.entries.filter(row_id=ada.pk).update(before={"born_on": "a winter's day"})
    act = undone(act, cast.owner)
    assert act.outcome == {"restored": 1, "left": 1, "why": {"stuck": 1}}
    assert values(bob, "born_on") == (None,)


def test_a_removed_row_comes_back_under_the_schema_of_today(cast, undone):
    """The journal knows nothing of a column that came later: it takes what a new row takes."""
    ada = contacts.person(cast.owner, emails=["ada@x.example"])
    with undo.recording("crm.tag", by=cast.owner) as act:
        EmailAddress.objects.of(ada).delete()
    act.entries.update(before={key: value for key, value in act.entries.get().before.items() if key != "typed"})
    assert undone(act, cast.owner).state == "undone"
    assert EmailAddress.objects.of(ada).get().typed == ""


def test_a_kind_that_is_gone_is_reported(cast, undone):
    ada = contacts.person(cast.owner, notes="before")
    with undo.recording("crm.tag", by=cast.owner) as act:
        people_of([ada]).update(notes="after")
    act.entries.create(kind="contacts.fax", row_id=1, operation="update", before={"x": 1}, after={"x": 2})
    act = undone(act, cast.owner)
    assert act.outcome == {"restored": 1, "left": 1, "why": {"unknown": 1}}
    assert values(ada, "notes") == ("before",)


def test_one_row_that_does_not_fit_any_more_does_not_hold_up_the_others(cast, undone):
    """Another primary address stands where the old one was: that row is left, the others come back."""
    ada, bob = (contacts.person(cast.owner, emails=[f"{name}@x.example"]) for name in ("ada", "bob"))
    old = {one.person_id: one for one in EmailAddress.objects.of(ada, bob)}
    with undo.recording("crm.tag", by=cast.owner) as act:
        EmailAddress.objects.of(ada, bob).delete()
    EmailAddress(person=ada, address="new@x.example", is_primary=True).save()
    act = undone(act, cast.owner)
    assert act.outcome == {"restored": 1, "left": 1, "why": {"stuck": 1}}
    assert [one.address for one in EmailAddress.objects.of(ada)] == ["new@x.example"]
    assert EmailAddress.objects.of(bob).get() == old[bob.pk]


def test_a_reference_to_what_is_gone_is_left(cast, undone):
    team = crm.team("Short-lived")
    ada, bob = contacts.person(cast.owner), contacts.person(cast.owner, notes="x")
    people_of([ada]).update(team=team)
    with undo.recording("crm.tag", by=cast.owner) as act:
        people_of([ada]).update(team=None)
        people_of([bob]).update(notes="y")
    team.delete()
    act = undone(act, cast.owner)
    assert act.outcome == {"restored": 1, "left": 1, "why": {"stuck": 1}}
    assert values(bob, "notes") == ("x",)


def test_every_record_part_and_link_is_journaled():
    """A table that names a record moves with it in a merge: its rows can be undone."""

    def names_a_record(model):
        keys = [one for one in model._meta.concrete_fields if one.is_relation]
        return any(issubclass(one.related_model, Record) for one in keys if one.name != "merged_into")

    models = [model for model in apps.get_models() if not hasattr(model, "pgh_tracked_model")]
    wanted = [model for model in models if issubclass(model, Record | Part) or names_a_record(model)]
    assert [model for model in wanted if not undo.is_journaled(model)] == []
    assert {Company, Person, Task, EmailAddress} <= set(wanted)
