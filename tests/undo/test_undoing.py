"""Undo keeps what was edited since, field by field, and does only what whoever undoes may do."""

from datetime import time

import pytest

from contacts.models import Person
from crm import undo
from crm.models import FieldRight, Grant
from interactions import services
from interactions.models import Interaction, Task
from tests.factories import contacts, crm, interactions
from tests.factories.contacts import reload
from tests.undo.conftest import values

pytestmark = pytest.mark.django_db


def people_of(*records):
    return Person.objects.unscoped(because="a test writes").filter(pk__in=[record.pk for record in records])


@pytest.fixture
def three(cast):
    return [contacts.person(cast.owner, given_name=f"Three{n}", tags=["Old"]) for n in range(3)]


def assigned(records, to, by):
    with undo.recording("crm.assign", by=by, kind="contacts.person", value=str(to), field="owner") as act:
        people_of(*records).update(owner=to, team=to.team)
    return act


# What was edited since


def test_fields_edited_since_are_kept_and_the_others_restored(cast, three, undone):
    ada, bob, eve = three
    with undo.recording("crm.tag", by=cast.manager) as act:
        people_of(*three).update(notes="act", job_title="act")
    people_of(ada).update(notes="since")
    people_of(bob).update(notes="since", job_title="since")
    people_of(eve).update(tags=["since"])
    act = undone(act, cast.manager)
    assert [values(one, "notes", "job_title") for one in three] == [("since", ""), ("since", "since"), ("", "")]
    assert values(eve, "tags") == (["since"],)
    assert [act.found[one.pk].outcome for one in three] == ["partly", "kept", "restored"]
    assert act.found[bob.pk].kept == {"notes": "since", "job_title": "since"}
    assert (act.state, act.outcome) == ("partly", {"restored": 1, "partly": 1, "kept": 1, "why": {}})


def test_what_is_as_it_was_already_is_no_conflict(cast, three, undone):
    with undo.recording("crm.tag", by=cast.manager) as act:
        people_of(*three).update(notes="act")
    people_of(*three).update(notes="")
    assert undone(act, cast.manager).state == "undone"


def test_an_owner_and_their_team_come_back_together_or_not_at_all(cast, three, undone):
    """Given on within the same team: the team stands as the act left it, but belongs to the new owner."""
    ada, bob, _eve = three
    act = assigned(three, cast.other, cast.administrator)
    mate = crm.user("Mate", team=cast.other.team)
    people_of(ada).update(owner=mate)
    undone(act, cast.administrator)
    assert values(ada, "owner", "team") == (mate, cast.other.team)
    assert values(bob, "owner", "team") == (cast.owner, cast.north)


# Rows that went away meanwhile


def test_what_was_trashed_or_merged_meanwhile_is_left(cast, three, undone):
    ada, bob, eve = three
    with undo.recording("crm.tag", by=cast.manager) as act:
        people_of(*three).update(notes="act")
    ada.trash(by=cast.owner)
    people_of(bob).update(merged_into=eve)
    act = undone(act, cast.manager)
    assert act.outcome == {"left": 2, "restored": 1, "why": {"trashed": 1, "merged": 1}}
    assert values(ada, "notes") == ("act",)


def test_what_was_taken_out_of_the_trash_and_put_there_again_stays(cast, three, undone):
    ada = three[0]
    with undo.recording("crm.trash", by=cast.owner) as act:
        ada.trash(by=cast.owner)
    ada.restore(by=cast.owner)
    ada.trash(by=cast.manager)
    assert undone(act, cast.owner).state == "partly"
    assert values(ada, "is_trashed", "trashed_by") == (True, cast.manager)


# Rights


def test_whoever_undoes_needs_the_right_to_each_record(cast, three, undone):
    act = assigned(three[:2], cast.teammate, cast.manager)
    people_of(three[0]).update(owner=cast.other, team=cast.abroad)
    act = undone(act, cast.manager)
    assert act.outcome == {"left": 1, "restored": 1, "why": {"forbidden": 1}}
    assert values(three[0], "owner") == (cast.other,)


def test_what_one_gave_away_oneself_comes_back_unless_it_was_passed_on(cast, three, undone):
    ada, bob, _eve = three
    act = assigned([ada, bob], cast.teammate, cast.owner)
    people_of(bob).update(owner=cast.manager)
    act = undone(act, cast.owner)
    assert (values(ada, "owner"), values(bob, "owner")) == ((cast.owner,), (cast.manager,))
    assert act.outcome["why"] == {"forbidden": 1}


def test_a_right_lost_meanwhile_leaves_everything(cast, three, undone):
    act = assigned(three, cast.teammate, cast.owner)
    Grant.objects.filter(role=cast.owner.role, kind="contacts.person", action="edit").delete()
    act = undone(act, cast.owner)
    assert act.outcome == {"left": 3, "why": {"forbidden": 3}}
    assert values(three[0], "owner") == (cast.teammate,)


def test_trash_is_taken_back_only_by_who_may_trash(cast, three, undone):
    with undo.recording("crm.trash", by=cast.owner) as act:
        Person.trash_all([one.pk for one in three], by=cast.owner)
    Grant.objects.filter(role=cast.owner.role, kind="contacts.person", action="trash").delete()
    assert undone(act, cast.owner).outcome["why"] == {"forbidden": 3}


@pytest.mark.parametrize("right", ["hidden", "read_only"])
def test_a_field_one_may_not_set_is_kept(cast, three, undone, right):
    with undo.recording("crm.tag", by=cast.owner) as act:
        people_of(three[0]).update(notes="act", job_title="act")
    FieldRight.objects.create(role=cast.owner.role, kind="contacts.person", field="notes", right=right)
    act = undone(act, cast.owner)
    assert values(three[0], "notes", "job_title") == ("act", "")
    assert act.state == "partly"


# Undo of the undo, twice, too late


def test_an_undo_can_be_undone_and_then_the_act_again(cast, three, undone):
    with undo.recording("crm.tag", by=cast.owner) as act:
        people_of(*three).update(notes="act")
    act = undone(act, cast.owner)
    redone = undone(act.undone_in.get(), cast.owner)
    assert (redone.state, values(three[0], "notes")) == ("undone", ("act",))
    act.refresh_from_db()
    assert (act.state, act.entries.filter(outcome="").count()) == ("done", 3)
    assert (undone(act, cast.owner).state, values(three[0], "notes")) == ("undone", ("",))


def test_acts_upon_acts_come_back_in_any_order(cast, three, undone):
    ada = three[0]
    acts = []
    for word in ("one", "two", "three"):
        with undo.recording("crm.tag", by=cast.owner) as act:
            people_of(ada).update(notes=word)
        acts.append(act)
    assert undone(acts[1], cast.owner).state == "partly"
    assert undone(acts[2], cast.owner).state == "undone"
    assert values(ada, "notes") == ("two",)
    assert undone(acts[0], cast.owner).state == "partly"


def test_what_is_undone_or_too_old_is_not_undone_again(cast, three, undone):
    act = undone(assigned(three, cast.teammate, cast.manager), cast.manager)
    with pytest.raises(undo.NotOpen):
        undo.undo(act, by=cast.manager)
    old = assigned(three, cast.teammate, cast.manager)
    undo.Act.objects.filter(pk=old.pk).update(until="2020-01-01T00:00Z")
    with pytest.raises(undo.NotOpen):
        undo.undo(old, by=cast.manager)
    assert values(three[0], "owner") == (cast.teammate,)


# What follows


def test_dates_are_right_when_talks_and_tasks_come_back(cast, undone):
    company = contacts.company(cast.owner)
    ada = contacts.person(cast.owner, company=company)
    talk = interactions.talk(cast.owner, people=[ada])
    task = interactions.task(cast.owner, person=ada)
    was = values(ada, "last_contacted_at", "next_activity_at")
    assert None not in was
    with undo.recording("crm.trash", by=cast.owner) as act:
        services.trash_interaction(interaction=talk, by=cast.owner)
        services.trash_task(task=task, by=cast.owner)
    assert values(ada, "last_contacted_at", "next_activity_at") == (None, None)
    act = undone(act, cast.owner)
    assert (act.state, act.rows) == ("undone", 2)
    for whole in (ada, company):
        assert values(whole, "last_contacted_at", "next_activity_at") == was
    undone(act.undone_in.get(), cast.owner)
    assert values(ada, "last_contacted_at", "next_activity_at") == (None, None)


def test_a_task_moved_to_another_person_moves_the_date_back(cast, undone):
    ada, bob = contacts.person(cast.owner), contacts.person(cast.owner)
    task = interactions.task(cast.owner, person=ada)
    due = values(ada, "next_activity_at")
    with undo.recording("test.merge", by=cast.owner) as act:
        task.person = bob
        services.save_task(task=task, by=cast.owner)
    assert values(ada, "next_activity_at") == (None,)
    undone(act, cast.owner)
    assert (values(ada, "next_activity_at"), values(bob, "next_activity_at")) == (due, (None,))


def test_a_task_is_due_in_the_zone_of_the_owner_it_comes_back_to(cast, undone):
    far = crm.user("Far", team=cast.north, timezone="Pacific/Auckland")
    task = interactions.task(cast.owner, due_time=time(9))
    due = values(task, "due_at")
    with undo.recording("crm.assign", by=cast.administrator) as act:
        rows = Task.objects.unscoped(because="a test writes").filter(pk=task.pk)
        rows.update(owner=far)
        moved = reload(task)
        moved.save()
    assert values(task, "due_at") != due
    undone(act, cast.administrator)
    assert values(task, "due_at") == due


def test_names_that_come_back_are_found_and_stand_in_order_again(cast, undone):
    ada = contacts.person(cast.owner, given_name="Ada", family_name="Lovelace", emails=["ada@x.example"])
    was = values(ada, "sort_name", "words")
    with undo.recording("test.clean", by=cast.owner) as act:
        ada.family_name = "Byron"
        ada.save()
        Person.objects.unscoped(because="a test writes").filter(pk=ada.pk).update(given_name="Augusta")
    people_of(ada).update(given_name="Kept")
    undone(act, cast.owner)
    assert values(ada, "given_name", "family_name") == ("Kept", "Lovelace")
    assert "lovelace" in values(ada, "sort_name")[0]
    assert {"kept", "lovelace"} <= set(values(ada, "words")[0])
    assert was != values(ada, "sort_name", "words")


# As many rows as a step has


@pytest.mark.parametrize("number", [3, 60])
def test_undoing_asks_no_query_a_row(cast, django_assert_max_num_queries, number):
    people = [contacts.person(cast.owner) for _ in range(number)]
    talks = [interactions.talk(cast.owner, people=[person]) for person in people]
    with undo.recording("crm.trash", by=cast.owner) as act:
        Person.trash_all([one.pk for one in people], by=cast.owner)
        rows = Interaction.objects.unscoped(because="a test writes").filter(pk__in=[one.pk for one in talks])
        rows.update(trashed_at="2026-11-22T10:00Z", trashed_by=cast.owner)
    with django_assert_max_num_queries(48):
        assert undo.undo(act, by=cast.owner).state == "undone"
    assert values(people[-1], "is_trashed") == (False,)
    assert values(people[-1], "last_contacted_at") == values(talks[-1], "at")
