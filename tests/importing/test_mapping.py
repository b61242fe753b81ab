"""Columns are known by the program that made the file, by what was chosen last time, by name, and by what they hold."""

import pytest

from contacts.models import Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm.importing import mapping
from crm.models import FieldRight
from tests.importing.conftest import FILES, bring, check, imported

pytestmark = pytest.mark.django_db


def keys(asked):
    return {name: key for name, key in zip(asked.header, asked.mapping, strict=True) if key}


EXPORTS = {
    "google": ("Google Contacts", "Siobhán Mary", "Ní Bhriain", "Corrib Medical", 3, 2),
    "outlook": ("Outlook", "Hans", "Gruber", "Alpen Werk", 2, 2),
    "hubspot": ("HubSpot", "Giulia", "Bianchi", "Laguna Vetro", 1, 1),
    "salesforce": ("Salesforce", "Leilani", "Kahananui", "Mauna Solar", 1, 1),
    "pipedrive": ("Pipedrive", "Diego Ibarra", "Salazar", "Cobre Norte", 2, 2),
    "zoho": ("Zoho", "Priya", "Raghunathan", "Deccan Cloud", 2, 1),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_the_exports_of_other_programs_need_no_hand(owner, name):
    source, given, family, company, mails, phones = EXPORTS[name]
    asked = imported(owner, (FILES / f"{name}.csv").read_bytes())
    [row] = asked.rows.all()
    assert (asked.source, row.fate, row.found.get("bad")) == (source, "new", None)
    person = Person.objects.visible_to(owner).get(pk=row.record)
    assert (person.given_name, person.family_name) == (given, family)
    assert person.company.name == company
    assert EmailAddress.objects.of(person).count() == mails
    assert PhoneNumber.objects.of(person).count() == phones
    if name != "pipedrive":
        assert PostalAddress.objects.of(person).get(kind="work").country


def test_values_of_other_programs_are_known_too(owner):
    asked = imported(owner, (FILES / "hubspot.csv").read_bytes())
    person = Person.objects.visible_to(owner).get(pk=asked.rows.get().record)
    assert (person.stage, person.source) == ("qualified", "web_form")


def test_the_labels_of_google_tell_the_kind(owner):
    asked = imported(owner, (FILES / "google.csv").read_bytes())
    person = Person.objects.visible_to(owner).get(pk=asked.rows.get().record)
    assert sorted(PhoneNumber.objects.of(person).values_list("kind", flat=True)) == ["mobile", "work"]
    assert sorted(EmailAddress.objects.of(person).values_list("kind", flat=True)) == ["private", "work", "work"]


def test_columns_are_known_in_several_languages(owner):
    asked = bring(owner, [["Vorname", "Nachname", "E-Mail-Adresse", "Handynummer", "PLZ", "Ort", "Land"], ["A"] * 7])
    assert asked.mapping == ["given_name", "family_name", "email", "mobile", "work_postcode", "work_city",
                             "work_country"]  # fmt: skip
    asked = bring(owner, [["Prénom", "Nom de famille", "Courriel", "Société", "Code postal", "Ville"], ["A"] * 6])
    assert asked.mapping == ["given_name", "family_name", "email", "company", "work_postcode", "work_city"]


def test_columns_without_a_name_that_says_anything_are_known_by_what_they_hold(owner):
    rows = [["anna@nordlys.example", "+47 412 07 733", "1980-02-03"], ["bo@nordlys.example", "22 55 01 44", "1.2.1990"]]
    assert bring(owner, [["f1", "f2", "f3"], *rows]).mapping == ["email", "phone", "born_on"]


def test_what_was_chosen_is_remembered_for_such_columns_in_any_order(owner, cast):
    asked = bring(owner, [["One", "Two", "E-mail"], ["Anna", "Berg", "a@b.example"]])
    asked.mapping, asked.options["days"] = ["given_name", "family_name", ""], "mdy"
    mapping.remember(asked)
    again = bring(owner, [["E-mail", "Two", "One"], ["a@b.example", "Berg", "Anna"]])
    assert (again.mapping, again.options["days"]) == (["", "family_name", "given_name"], "mdy")
    assert bring(cast.teammate, [["E-mail", "Two", "One"], ["a@b.example", "Berg", "Anna"]]).mapping[0] == "email"


def test_columns_that_are_called_by_a_sign_are_remembered_each_by_its_own(owner):
    rows = [["#", "%"], ["7", "a@b.example"]]
    asked = bring(owner, rows)
    asked.mapping = ["external_id", "email"]
    mapping.remember(asked)
    assert bring(owner, rows).mapping == ["external_id", "email"]


def test_what_one_may_not_set_is_not_offered(owner):
    for field, right in (("phones", "read_only"), ("job_title", "hidden")):
        FieldRight.objects.create(role=owner.role, kind="contacts.person", field=field, right=right)
    owner.__dict__.pop("access", None)
    asked = bring(owner, [["Given name", "Phone", "Job title"], ["Anna", "+47 412 07 733", "CEO"]])
    assert asked.mapping == ["given_name", "", ""]
    asked.mapping = ["given_name", "phone", "job_title"]  # whoever sends it nevertheless
    asked.save()
    asked = check(asked)
    assert [row.fate for row in asked.rows.all()] == ["new"]
