"""Numbers of other programs are kept, and a later file of the same program is recognised by them."""

import pytest

from contacts.models import Company, Person
from crm import merging, undo
from crm.importing import running
from crm.models import ExternalId
from tests.factories import contacts, crm
from tests.factories.contacts import reload
from tests.importing.conftest import FILES, bring, check, fates, imported

pytestmark = pytest.mark.django_db
HEAD = ["Number in the other program", "Given name", "Family name", "E-mail", "Job title"]


def row(number="901", given="Anna", family="Berg", mail="anna@nordlys.example", job=""):
    return [number, given, family, mail, job]


def record_of(asked, number=2):
    return asked.rows.get(number=number).record


def numbers(pk):
    return sorted(ExternalId.objects.filter(kind="contacts.person", record_id=pk).values_list("source", "key"))


def test_the_number_of_an_export_is_kept_with_its_program_and_recognised(owner):
    asked = imported(owner, (FILES / "hubspot.csv").read_bytes())
    pk = record_of(asked)
    assert numbers(pk) == [("hubspot", "901")]
    later = [["Record ID", "First Name", "Last Name", "Email"], ["901", "Giulia", "Rossi", "g.rossi@laguna.example"]]
    again = imported(owner, later)
    assert (again.source, fates(again), record_of(again)) == ("HubSpot", {2: "update"}, pk)
    assert reload(Person(pk=pk)).family_name == "Rossi"


def test_the_number_of_one_program_is_none_of_another(owner):
    one = imported(owner, [HEAD, row()], source="HubSpot")
    other = imported(owner, [HEAD, row(given="Ulf", family="Holt", mail="ulf@x.example")], source="Zoho")
    assert (fates(other), record_of(other) != record_of(one)) == ({2: "new"}, True)


def test_without_a_program_numbers_are_not_used(owner):
    imported(owner, [HEAD, row()])
    assert not ExternalId.objects.exists()


def test_somebody_here_gets_the_number_and_the_same_again_changes_nothing(owner):
    anna = contacts.person(owner, given_name="Anna", family_name="Berg", emails=["anna@nordlys.example"])
    asked = imported(owner, [HEAD, row()], source="HubSpot")
    assert (fates(asked), numbers(anna.pk)) == ({2: "update"}, [("hubspot", "901")])
    version = reload(anna).version
    assert fates(imported(owner, [HEAD, row()], source="HubSpot")) == {2: "same"}
    assert reload(anna).version == version


def test_two_rows_of_one_number_are_one_record(owner):
    asked = imported(owner, [HEAD, row(), row(given="Anna-Lena", mail="al@x.example", job="CEO")], source="HubSpot")
    assert fates(asked) == {2: "new", 3: "update"}
    assert record_of(asked, 2) == record_of(asked, 3)


def test_numbers_are_undone_with_the_import(owner):
    anna = contacts.person(owner, given_name="Anna", family_name="Berg", emails=["anna@nordlys.example"])
    asked = imported(owner, [HEAD, row(), row("902", "Bo", "Dahl", "bo@x.example")], source="HubSpot")
    act = undo.undo(running.act_of(asked), by=owner)
    assert (act.state, act.outcome["why"]) == ("undone", {})
    assert (numbers(anna.pk), numbers(record_of(asked, 3))) == ([], [])
    assert fates(imported(owner, [HEAD, row("902", "Bo", "Dahl", "bo@x.example")], source="HubSpot")) == {2: "new"}


def test_numbers_are_undone_with_the_import_wherever_a_merge_took_them(owner):
    ids = [contacts.person(owner, emails=[f"p{number}@x.example"]).pk for number in range(2)]
    asked = imported(owner, [HEAD, row("905", "", "", "p1@x.example")], source="HubSpot")
    merging.merge(Person, ids, survivor=ids[0], by=owner)
    assert numbers(ids[0]) == [("hubspot", "905")]
    act = undo.undo(running.act_of(asked), by=owner)
    assert (act.state, numbers(ids[0]), numbers(ids[1])) == ("undone", [], [])


def test_numbers_go_along_with_a_merge_and_come_back(owner):
    asked = imported(owner, [HEAD, row(), row("902", "Bo", "Dahl", "bo@x.example")], source="HubSpot")
    kept, gone = record_of(asked, 2), record_of(asked, 3)
    act = merging.merge(Person, [kept, gone], survivor=kept, by=owner)
    assert numbers(kept) == [("hubspot", "901"), ("hubspot", "902")]
    again = imported(owner, [HEAD, row("902", "Bo", "Dahl", "bo@x.example", "CEO")], source="HubSpot")
    assert (fates(again), record_of(again)) == ({2: "update"}, kept)
    merging.unmerge(act, by=owner)
    assert (numbers(kept), numbers(gone)) == ([("hubspot", "901")], [("hubspot", "902")])


def test_of_merged_records_with_one_number_one_stays(owner):
    people = [contacts.person(owner) for _number in range(2)]
    for one in people:
        ExternalId.objects.create(kind="contacts.person", source="hubspot", key="901", record_id=one.pk)
    act = merging.merge(Person, [one.pk for one in people], survivor=people[0].pk, by=owner)
    assert [numbers(one.pk) for one in people] == [[("hubspot", "901")], []]
    merging.unmerge(act, by=owner)
    assert [numbers(one.pk) for one in people] == [[("hubspot", "901")]] * 2


def test_the_number_of_somebody_hidden_tells_nothing(owner, cast, world):
    hidden = world["other_person"]
    ExternalId.objects.create(kind="contacts.person", source="hubspot", key="901", record_id=hidden.pk)
    asked = imported(owner, [HEAD, row()], source="HubSpot")
    assert fates(asked) == {2: "new"}
    assert numbers(hidden.pk) == numbers(record_of(asked)) == [("hubspot", "901")]
    assert fates(imported(owner, [HEAD, row()], source="HubSpot")) == {2: "same"}


def test_a_record_in_the_trash_gives_its_number_to_a_new_one(owner):
    asked = imported(owner, [HEAD, row()], source="HubSpot")
    Person.objects.editable_by(owner).get(pk=record_of(asked)).trash(by=owner)
    assert fates(imported(owner, [HEAD, row()], source="HubSpot")) == {2: "new"}


@pytest.mark.parametrize(
    ("text", "fate"), [("9" * 200, "new"), ("9" * 201, "bad"), ("'; --", "new"), ("é\u202e", "new")]
)
def test_hostile_numbers(owner, text, fate):
    asked = imported(owner, [HEAD, row(text)], source="HubSpot")
    assert fates(asked) == {2: fate}


def test_companies_have_numbers_too_and_an_owner_from_the_file(owner, cast):
    head = ["Record ID", "Company name", "Company owner", "Company Domain Name"]
    raw = [head, ["77", "Laguna Vetro", cast.teammate.get_full_name(), "laguna.example"]]
    asked = check(bring(cast.manager, raw, "companies"))
    assert (asked.source, fates(asked)) == ("HubSpot", {2: "new"})
    asked = imported(cast.manager, raw, "companies")
    company = reload(Company(pk=record_of(asked)))
    assert (company.owner, company.team) == (cast.teammate, cast.teammate.team)
    assert ExternalId.objects.filter(kind="contacts.company", record_id=company.pk, key="77").exists()


@pytest.mark.parametrize("text", ["Same Name", "{pk}", "a-b@firm.example"])
def test_which_colleague_is_meant_is_not_guessed(owner, cast, text):
    crm.user("Same", family_name="Name", email="a.b@firm.example")
    one = crm.user("Same", family_name="Name", email="a_b@firm.example")
    asked = check(bring(cast.administrator, [["Given name", "Owner"], ["Anna", text.format(pk=one.pk)]]))
    assert fates(asked) == {2: "bad"}


def test_an_owner_is_known_by_their_address(owner, cast):
    raw = [["Given name", "E-mail", "Owner"], ["Anna", "anna@x.example", cast.teammate.email]]
    asked = imported(cast.manager, raw)
    assert reload(Person(pk=record_of(asked))).owner == cast.teammate
