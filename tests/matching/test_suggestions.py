"""Stored duplicates: keys kept with the record, suggestions by increments as by the full run, answers for ever."""

import pytest

from contacts.duplicates import read_people
from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from contacts.services import save_with_parts
from crm import duplicates, history
from crm.duplicates import MatchKey, Suggestion
from crm.events import Held, delivering
from tests.factories import contacts, crm
from tests.matching.conftest import person, state

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(rep):
    """Ada three times, and a colleague of hers."""
    firm = contacts.company(rep, name="Kobelt Services KG")
    return [
        person(rep, "Ada Lovelacing", email="ada@kobelt.de", company=firm),
        person(rep, "A. Lovelacing", email="ada@kobelt.de", mobile="+47 412 07 733"),
        person(rep, "Lovelacing Ada", mobile="+47 412 07 733", company=firm),
        person(rep, "Peter Brunello", email="peter@kobelt.de", company=firm),
    ]


def test_people_are_read_with_all_that_they_are_matched_by(rep):
    ada = person(
        rep, email="ada@kobelt.de", mobile="+47 412 07 733", company=contacts.company(rep, name="Kob\\elt\tKG")
    )
    EmailAddress(person=ada, address="ada@gmail.com").save()
    person(rep, "Peter Brunello").trash(by=rep)
    ids, columns = read_people(None)
    assert ids == [ada.pk]
    assert columns["email"] == [["ada@kobelt.de"], ["ada@gmail.com"]]
    assert columns["mobile"] == [["+4741207733"]]
    assert columns["company"] == [["Kob\\elt KG"]]
    assert columns["phone"] == columns["city"] == columns["birth_date"] == [[""]]


@pytest.mark.parametrize("few", [1000, 0])
def test_few_and_many_are_read_alike_and_hidden_companies_are_not_named(rep, few, monkeypatch):
    monkeypatch.setattr("contacts.duplicates.FEW", few)
    hidden = contacts.company(crm.user("Stranger"), name="Kobelt KG")
    shown = contacts.company(rep, name="Brunello SpA")
    people = [person(rep, "Ada Lovelacing", company=company) for company in (hidden, shown, None)]
    ids = [one.pk for one in people]
    assert read_people(ids)[1]["company"] == [["Kobelt KG", "Brunello SpA", ""]]
    assert read_people(ids, rep)[1]["company"] == [["", "Brunello SpA", ""]]


def test_keys_are_kept_in_the_transaction_that_writes_the_record(rep):
    ada = person(rep, email="ada@kobelt.de")
    before = set(MatchKey.objects.filter(record=ada.pk).values_list("key", flat=True))
    assert before
    with history.acting(rep, reason="test"):
        save_with_parts(record=ada, parts=[PhoneNumber(number="+4741207733")])
    after = set(MatchKey.objects.filter(record=ada.pk).values_list("key", flat=True))
    assert before < after
    duplicates.keep(Person)  # all anew
    assert set(MatchKey.objects.filter(kind=1, record=ada.pk).values_list("key", flat=True)) == after


def test_who_is_saved_twice_is_suggested_and_put_together(three):
    delivering.deliver()
    found = Suggestion.objects.filter(cluster=three[0].pk)
    assert {(row.left, row.right) for row in found} == {
        (three[0].pk, three[1].pk), (three[0].pk, three[2].pk), (three[1].pk, three[2].pk)
    }  # fmt: skip
    assert not Suggestion.objects.filter(right=three[3].pk, cluster__isnull=False).exists()


def test_the_increments_end_where_the_full_run_does(three, rep):
    duplicates.match_all(Person)  # counts
    delivering.deliver()
    with history.acting(rep, reason="test"):
        save_with_parts(record=three[1], parts=[PostalAddress(city="Oslo", postcode="0150")])
        save_with_parts(record=three[3], parts=[EmailAddress(address="ada@kobelt.de")])
    three[2].trash(by=rep)
    delivering.deliver()
    duplicates.match_all(Person)  # whose counts are those of the increments to come
    full = state()
    assert full
    for ada in three:
        with history.acting(rep, reason="test"):
            Person.objects.editable_by(rep).live().filter(pk=ada.pk).first() and ada.note("changed")
    Suggestion.objects.all().delete()
    delivering.deliver()
    assert state() == full


def test_what_is_trashed_is_suggested_no_more_and_what_is_restored_again(three, rep):
    delivering.deliver()
    before = state()
    three[0].trash(by=rep)
    delivering.deliver()
    assert not Suggestion.objects.filter(left=three[0].pk).exists()
    three[0].restore(by=rep)
    delivering.deliver()
    assert state() == before


@pytest.mark.parametrize("again", ["full run", "increment"])
def test_what_is_answered_holds_for_ever(three, rep, again):
    delivering.deliver()
    first, second = (Suggestion.objects.get(left=three[0].pk, right=three[number].pk) for number in (1, 2))
    duplicates.answer(first, Suggestion.State.NOT_SAME, by=rep)
    duplicates.answer(second, Suggestion.State.SAME, by=rep)
    if again == "full run":
        duplicates.match_all(Person)
    else:
        with history.acting(rep, reason="test"):
            three[0].save()
        delivering.deliver()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.cluster, first.answered_by) == ("not_same", None, rep)
    assert (second.state, second.cluster) == ("same", three[0].pk)
    third = Suggestion.objects.get(left=three[1].pk, right=three[2].pk)
    assert third.cluster is None  # or it would join those who are not the same


def test_suggestions_found_by_other_comparisons_do_not_stand_in_the_way(three, rep):
    """As between an upgrade that changes what is compared and the next full run."""
    delivering.deliver()
    before = state()
    Suggestion.objects.update(levels=b"\x01", rarities=b"")
    with history.acting(rep, reason="test"):
        three[3].save()
    delivering.deliver()
    duplicates.answer(Suggestion.objects.get(left=three[0].pk, right=three[1].pk), Suggestion.State.LATER, by=rep)
    duplicates.match_all(Person)
    assert [row[-1] for row in state()] == [row[-1] for row in before]


def test_whoever_types_is_told_whom_it_may_be_with_the_reasons(three, rep):
    found = duplicates.likely(
        Person, {"given_name": ["Ada"], "family_name": ["Lovelacing"], "email": ["ada@kobelt.de"]}, rep
    )
    assert {one.record for one in found} >= {three[0]}
    assert found[0].probability > 0.9
    assert {line.level for line in found[0].evidence} >= {"same"}
    assert duplicates.likely(Person, {"given_name": ["Zoe"], "family_name": ["Nobodying"]}, rep) == []
    assert duplicates.likely(Person, {"given_name": [""], "family_name": []}, rep) == []


def test_nobody_is_told_of_a_record_that_is_hidden(three):
    stranger = crm.user("Stranger")
    asked = {"given_name": ["Ada"], "family_name": ["Lovelacing"], "email": ["ada@kobelt.de"]}
    assert duplicates.likely(Person, asked, stranger) == []


def test_a_record_that_is_changed_is_not_told_of_itself(three, rep):
    asked = {"given_name": ["Ada"], "family_name": ["Lovelacing"], "email": ["ada@kobelt.de"]}
    found = duplicates.likely(Person, asked, rep, but=three[0].pk)
    assert three[0] not in [one.record for one in found]


def test_asking_takes_the_same_few_queries_for_one_and_for_many(rep, django_assert_max_num_queries):
    for number in range(30):
        person(rep, f"Ada{number} Lovelacing", email=f"ada{number}@kobelt.de")
    asked = {"given_name": ["Ada1"], "family_name": ["Lovelacing"], "email": ["ada1@kobelt.de"]}
    duplicates.likely(Person, asked, rep)
    with django_assert_max_num_queries(5):  # keys, whom one sees, what is stored, counts, those told
        assert duplicates.likely(Person, asked, rep)


def test_companies_are_matched_too(rep):
    one = contacts.company(rep, name="Hoffmann Systems GmbH", website="https://hoffmannsystems.com")
    other = contacts.company(rep, name="Hoffmann Systems", website="www.hoffmannsystems.com")
    contacts.company(rep, name="Brunello Textiles")
    delivering.deliver()
    [found] = Suggestion.objects.filter(cluster__isnull=False)
    assert (found.kind, found.left, found.right) == (2, one.pk, other.pk)
    assert Company.objects.unscoped(because="a test counts").count() == 3


def test_an_empty_database_has_no_duplicates():
    assert duplicates.match_all(Person).suggestions == 0
    duplicates.keep(Person)


@pytest.fixture(autouse=True)
def nothing_is_held_up():
    yield
    assert list(Held.objects.values_list("error", flat=True)) == []
