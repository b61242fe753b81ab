"""Merging puts everything at the survivor, and taking it apart puts everything back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber
from crm import duplicates, merging, sharing, undo
from crm.duplicates import Suggestion
from crm.events import Event
from crm.merging.relations import every, relations_of
from crm.models import FieldRight, Share
from crm.undo import rules, undoing
from interactions.models import Participation, Task
from tests.factories import contacts, interactions
from tests.factories.contacts import reload
from tests.merging.conftest import left_behind, whole

pytestmark = pytest.mark.django_db

RELATIONS = [(made.model, relation) for made in merging.mergeables() for relation in relations_of(made.model)]


def made(model, user, **fields):
    return (contacts.person if model is Person else contacts.company)(user, **fields)


def child(relation, whole, user):
    """Make a row of a relation at a record."""
    name = relation.field.name
    if relation.model is Participation:
        talk = interactions.talk(user, **({"people": [whole]} if name == "person" else {"companies": [whole]}))
        return Participation.objects.of(talk).get(**{name: whole})
    if relation.model is Task:
        return interactions.task(user, **{name: whole})
    if relation.model is Person:
        return contacts.person(user, company=whole)
    samples = {"address": "one@x.example", "number": "+47 412 07 733", "street": "Storgata 1", "city": "Oslo"}
    names = {field.name for field in relation.model._meta.concrete_fields}
    row = relation.model(**{name: whole}, **{key: value for key, value in samples.items() if key in names})
    row.save()
    return row


@pytest.mark.parametrize(("model", "relation"), RELATIONS, ids=lambda one: str(getattr(one, "__name__", one)))
def test_every_foreign_key_moves_and_comes_back(cast, merged, parted, model, relation):
    kept, gone = made(model, cast.owner), made(model, cast.other)
    row = child(relation, gone, cast.other)
    before = whole(model, [kept.pk, gone.pk])
    act = merged(kept, gone)
    assert getattr(every(relation.model).get(pk=row.pk), relation.column) == kept.pk
    assert reload(gone).merged_into_id == kept.pk
    assert left_behind(model) == []
    act = parted(act)
    assert (act.state, act.outcome["why"]) == ("undone", {})
    assert whole(model, [kept.pk, gone.pk]) == before


@pytest.mark.parametrize(("model", "relation"), RELATIONS, ids=lambda one: str(getattr(one, "__name__", one)))
def test_what_is_written_with_an_old_id_lands_on_the_survivor(cast, merged, model, relation):
    kept, middle, gone = (made(model, cast.owner) for _ in range(3))
    row = child(relation, made(model, cast.owner), cast.owner)
    merged(middle, gone, survivor=middle.pk)
    merged(kept, middle, survivor=kept.pk)
    every(relation.model).filter(pk=row.pk).update(**{relation.column: gone.pk})
    assert getattr(every(relation.model).get(pk=row.pk), relation.column) == kept.pk


def two(cast, **fields):
    """Two people with all there is: their own and common talks, tasks, shares, one of them in the trash."""
    company = contacts.company(cast.owner)
    kept = contacts.person(
        cast.owner, given_name="Søren", family_name="Kjærgaard", company=company, tags=["a", "b"], notes="First.",
        emails=["s@nordlys.example", "both@nordlys.example"], phones=["+47 412 07 733"],
        addresses=[{"city": "Oslo", "country": "NO"}],
    )  # fmt: skip
    gone = contacts.person(
        cast.owner, given_name="Soren", family_name="Kjaergaard", job_title="Engineer", tags=["b", "c"],
        notes="Second.",
        emails=["both@nordlys.example", "soren@nordlys.example"], phones=["+47 412 07 733", "+47 412 07 999"],
        addresses=[{"city": "Drammen", "country": "NO"}],
    )  # fmt: skip
    for person in (kept, gone):
        interactions.talk(cast.owner, people=[person])
        interactions.talk(cast.owner, people=[person], is_private=True)
        interactions.task(cast.owner, person=person)
    interactions.talk(cast.owner, people=[kept, gone])
    trashed = interactions.task(cast.owner, person=gone, subject="Forget")
    trashed.trash(by=cast.owner)
    sharing.share(kept, user=cast.other, by=cast.owner)
    sharing.share(gone, user=cast.other, may_edit=True, by=cast.owner)
    sharing.share(gone, team=cast.abroad, by=cast.owner)
    return kept, gone


def addresses(record, part=EmailAddress):
    return sorted((str(one), one.is_primary) for one in part.objects.of(record))


def test_nothing_is_lost_and_nothing_stands_twice(cast, merged):
    kept, gone = two(cast)
    merged(kept, gone, survivor=kept.pk, picks={"name": kept.pk, "email": gone.pk})
    person = reload(kept)
    assert addresses(person) == [
        ("both@nordlys.example", True), ("s@nordlys.example", False), ("soren@nordlys.example", False)
    ]  # fmt: skip
    assert [primary for _number, primary in addresses(person, PhoneNumber)] == [True, False]
    assert (person.tags, person.notes) == (["a", "b", "c"], "First.\n\nSecond.")
    assert (str(person), person.job_title) == ("Søren Kjærgaard", "Engineer")
    assert {"soren", "nordlys"} <= set(person.words)
    assert Participation.objects.of_each("person", cast.owner, kept.pk).count() == 5, "the common talk is one"
    assert every(Task).filter(person=kept).count() == 3
    shares = set(Share.objects.filter(record_id=kept.pk).values_list("user", "team", "may_edit"))
    assert shares == {(cast.other.pk, None, True), (None, cast.abroad.pk, False)}
    assert Person.objects.editable_by(cast.other).filter(pk=kept.pk).exists(), "let in to one, let in to the one"
    assert left_behind(Person) == []


def test_both_sides_come_back_as_they_were(cast, merged, parted):
    kept, gone = two(cast)
    before = whole(Person, [kept.pk, gone.pk])
    words = (reload(kept).words, reload(gone).words)
    act = parted(merged(kept, gone, survivor=kept.pk, picks={"email": gone.pk, "address": gone.pk}))
    assert act.state == "undone", list(act.entries.exclude(outcome="restored").values())
    assert whole(Person, [kept.pk, gone.pk]) == before
    assert (reload(kept).words, reload(gone).words) == words
    shares = Person.objects.editable_by(cast.other)
    assert not shares.filter(pk=kept.pk).exists()
    assert shares.filter(pk=gone.pk).exists()


def test_the_oldest_creation_and_the_first_touch_stay(cast, merged):
    kept = contacts.person(cast.owner, source="web_form")
    gone = contacts.person(cast.other, source="trade_fair")
    first = timezone.now() - timedelta(days=900)
    every(Person).filter(pk=gone.pk).update(created_at=first, created_by=cast.other)
    merged(kept, gone, survivor=kept.pk)
    person = reload(kept)
    assert (person.created_at, person.created_by, person.source) == (first, cast.other, "trade_fair")


def test_what_was_edited_since_is_kept_and_told_field_by_field(cast, merged, parted):
    kept, gone = two(cast)
    act = merged(kept, gone, survivor=kept.pk, picks={"job_title": gone.pk})
    person = reload(kept)
    person.job_title = "Head of Procurement"
    person.save()
    moved = every(Task).get(person=kept, subject="Forget")
    elsewhere = contacts.person(cast.owner)
    every(Task).filter(pk=moved.pk).update(person=elsewhere)
    added = interactions.task(cast.owner, person=person, subject="Since")
    act = parted(act)
    assert act.state == "partly"
    kept_fields = {(one.kind, one.row_id): set(one.kept) for one in act.entries.exclude(outcome="restored")}
    assert kept_fields == {
        ("contacts.person", kept.pk): {"job_title"}, ("interactions.task", moved.pk): {"person_id"}
    }  # fmt: skip
    assert reload(kept).job_title == "Head of Procurement"
    assert reload(kept).tags == ["a", "b"]
    assert every(Task).get(pk=moved.pk).person_id == elsewhere.pk
    assert every(Task).get(pk=added.pk).person_id == kept.pk
    assert reload(gone).merged_into_id is None


@pytest.mark.parametrize("order", ["outer first", "inner first"])
def test_a_chain_comes_apart_in_any_order(cast, merged, parted, order):
    """B into A, then A into C."""
    (a, b), c = two(cast), contacts.person(cast.owner, emails=["both@nordlys.example", "c@x.example"])
    interactions.task(cast.owner, person=c)
    before = whole(Person, [a.pk, b.pk, c.pk])
    inner = merged(a, b, survivor=a.pk, picks={"email": b.pk})
    between = whole(Person, [a.pk, b.pk, c.pk])
    outer = merged(a, c, survivor=c.pk, picks={"email": c.pk})
    assert merging.living(Person, b.pk) == c.pk
    assert left_behind(Person) == []
    if order == "outer first":
        assert parted(outer).state == "undone"
        assert whole(Person, [a.pk, b.pk, c.pk]) == between
        assert parted(inner).state == "undone"
    else:
        parted(inner)
        assert reload(b).merged_into_id is None
        assert merging.living(Person, a.pk) == c.pk
        assert sorted(address for address, _primary in addresses(b)) == [
            "both@nordlys.example",
            "soren@nordlys.example",
        ]
        assert left_behind(Person) == []
        parted(outer)
    assert whole(Person, [a.pk, b.pk, c.pk]) == before


def test_a_large_merge_comes_apart_in_steps_of_a_job(cast, merged, parted, monkeypatch):
    monkeypatch.setitem(rules._rules, "crm.merge", replace(rules._rules["crm.merge"], at_once=3))
    monkeypatch.setattr(undoing, "STEP_ROWS", 2)
    kept, gone = two(cast)
    before = whole(Person, [kept.pk, gone.pk])
    act = parted(merged(kept, gone, survivor=kept.pk, picks={"email": gone.pk}))
    assert act.state == "undoing"
    while undo.step(act, by=cast.administrator, job=act.undoing_job):
        act.refresh_from_db()
    act.refresh_from_db()
    assert (act.state, act.outcome["why"]) == ("undone", {})
    assert whole(Person, [kept.pk, gone.pk]) == before


def test_a_merge_taken_apart_is_not_done_again_by_an_undo(cast, merged, parted):
    act = parted(merged(*two(cast)))
    own = act.undone_in.get()
    assert not own.is_open
    with pytest.raises(undo.NotOpen):
        undo.undo(own, by=cast.administrator)
    with pytest.raises(undo.NotOpen):
        parted(act)


def test_a_column_added_since_and_one_gone_do_not_matter(cast, merged, parted):
    kept, gone = two(cast)
    act = merged(kept, gone, survivor=kept.pk)
    mail = every(EmailAddress).filter(person=kept).first()
    entry = act.entries.filter(kind="contacts.emailaddress", operation="delete").get()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE crm_undoentry SET before = (before || '{\"nickname\": \"x\"}') - 'typed' WHERE id = %s", [entry.pk]
        )
    act = parted(act)
    assert act.state == "undone"
    assert mail and every(EmailAddress).filter(pk=entry.row_id, person=gone).exists()


def test_events_and_answers_follow(cast, merged, parted):
    kept, gone = two(cast)
    duplicates.match(Person, [kept.pk])
    duplicates.match(Person, [gone.pk])
    pair = Suggestion.objects.get(left=kept.pk, right=gone.pk)
    act = merged(kept, gone, survivor=kept.pk)
    assert Event.objects.get(name="contacts.person.merged", record_id=kept.pk).facts == {"records": [gone.pk]}
    pair.refresh_from_db()
    assert (pair.state, pair.answered_by) == ("same", cast.administrator)
    assert not duplicates.MatchKey.objects.filter(kind=1, record=gone.pk).exists()
    parted(act)
    pair.refresh_from_db()
    assert (pair.state, pair.answered_by) == ("open", None)
    assert duplicates.MatchKey.objects.filter(kind=1, record=gone.pk).exists()


def test_who_was_told_apart_from_one_is_not_the_survivor_either(cast, merged, parted):
    kept, gone, third = (contacts.person(cast.owner, family_name="Same") for _ in range(3))
    duplicates.note(Person, third.pk, {gone.pk: "not_same"}, by=cast.owner)
    act = merged(kept, gone, survivor=kept.pk)
    pair = Suggestion.objects.get(left=kept.pk, right=third.pk)
    assert pair.state == "not_same"
    parted(act)
    pair.refresh_from_db()
    assert pair.state == "open"
    assert Suggestion.objects.get(left=gone.pk, right=third.pk).state == "not_same"


# Who may, and what cannot be


def test_it_takes_the_right_to_change_all_of_them(cast, merged):
    mine, theirs = contacts.person(cast.owner), contacts.person(cast.teammate)
    before = whole(Person, [mine.pk, theirs.pk]), undo.Act.objects.count()
    with pytest.raises(merging.Gone):
        merged(mine, theirs, by=cast.owner)
    assert (whole(Person, [mine.pk, theirs.pk]), undo.Act.objects.count()) == before
    assert merged(mine, theirs, by=cast.manager).rows


@pytest.mark.parametrize("how", ["trashed", "merged", "missing"])
def test_what_is_not_live_is_refused(cast, merged, how):
    one, other, third = (contacts.person(cast.owner) for _ in range(3))
    if how == "trashed":
        other.trash(by=cast.owner)
    elif how == "merged":
        merged(third, other, survivor=third.pk)
    else:
        other.pk = 2**40
    with pytest.raises(merging.Gone):
        merged(one, other)
    assert reload(one).merged_into_id is None


def test_one_record_and_eleven_are_refused(cast, merged):
    people = [contacts.person(cast.owner) for _ in range(11)]
    for some in (people[:1], people, [people[0], people[0]]):
        with pytest.raises(merging.Refused):
            merged(*some)
    assert merged(*people[:10]).facts["number"] == 10


def test_a_record_changed_since_it_was_looked_at_stops_it(cast, merged):
    one, other = contacts.person(cast.owner), contacts.person(cast.owner)
    seen = {one.pk: reload(one).version, other.pk: reload(other).version}
    other.notes = "Meanwhile."
    other.save()
    with pytest.raises(merging.Stale) as stale:
        merged(one, other, seen=seen)
    assert stale.value.ids == [other.pk]
    assert reload(other).merged_into_id is None


def test_what_others_keep_private_moves_unseen_and_comes_back(cast, merged, parted):
    mine, mates = contacts.person(cast.owner), contacts.person(cast.teammate)
    secret = interactions.task(cast.teammate, person=mates, is_private=True)
    every(Person).filter(pk=mates.pk).update(owner=cast.owner)
    act = merged(mine, mates, by=cast.owner, survivor=mine.pk)
    assert every(Task).get(pk=secret.pk).person_id == mine.pk
    assert parted(act, by=cast.owner).state == "undone"
    assert every(Task).get(pk=secret.pk).person_id == mates.pk


def test_only_who_may_change_all_of_them_takes_a_merge_apart(cast, merged, parted):
    mine, theirs = contacts.person(cast.owner), contacts.person(cast.teammate)
    act = merged(mine, theirs)
    with pytest.raises(undo.Refused):
        parted(act, by=cast.owner)
    act.refresh_from_db()
    assert act.state == "done"
    assert parted(act, by=cast.manager).state == "undone"


def test_a_field_one_may_not_set_keeps_the_survivors_value(cast, merged):
    for name, right in (("job_title", "hidden"), ("stage", "read_only"), ("notes", "hidden")):
        FieldRight.objects.create(role=cast.owner.role, kind="contacts.person", field=name, right=right)
    kept = contacts.person(cast.owner, job_title="Boss", stage="lead")
    gone = contacts.person(cast.owner, job_title="Engineer", stage="customer", notes="Kept.")
    merged(kept, gone, by=cast.owner, survivor=kept.pk, picks={"job_title": gone.pk, "stage": gone.pk})
    person = reload(kept)
    assert (person.job_title, person.stage, person.notes) == ("Boss", "lead", "Kept.")


def test_companies_take_their_people_along(cast, merged, parted):
    kept, gone = contacts.company(cast.owner, name="Nordlys Energi AS"), contacts.company(cast.owner, name="Nordlys")
    person = contacts.person(cast.other, company=gone)
    act = merged(kept, gone)
    assert reload(person).company_id == kept.pk
    parted(act)
    assert reload(person).company_id == gone.pk
    assert not every(Company).exclude(merged_into=None).filter(pk__in=[kept.pk, gone.pk])


def test_an_act_before_a_merge_is_undone_at_the_survivor(cast, merged):
    """What an undo puts back names the survivor, and what the merge moved counts as untouched."""
    old, new, person = contacts.company(cast.owner), contacts.company(cast.owner), contacts.person(cast.owner)
    every(Person).filter(pk=person.pk).update(company=old)
    with undo.recording("crm.assign", by=cast.owner) as act:
        every(Person).filter(pk=person.pk).update(company=new)
    kept = contacts.company(cast.owner)
    merged(kept, new, survivor=kept.pk)
    merged(contacts.company(cast.owner), old)
    assert undo.undo(act, by=cast.owner).state == "undone"
    assert reload(person).company_id == merging.living(Company, old.pk)


def test_notes_that_are_too_long_together_are_not_cut_but_told(cast):
    kept, gone = (contacts.person(cast.owner, notes=sign * 15_000) for sign in "ab")
    with pytest.raises(merging.Refused) as error:
        merging.merge(Person, [kept.pk, gone.pk], by=cast.owner)
    assert error.value.words == "Notes have 20000 characters at most."
    assert reload(gone).merged_into_id is None
