"""Rows that are nearly certainly somebody here are merged where that was chosen: both are kept, as merging proposes."""

import pytest

from contacts.models import Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import undo
from crm.importing import running
from crm.importing.kinds import of_slug
from crm.importing.options import MERGE
from crm.models import FieldRight
from quality.imports.forms import OptionsForm
from tests.factories import contacts
from tests.factories.contacts import reload
from tests.importing.conftest import bring, check, fates, imported, run, told

pytestmark = pytest.mark.django_db
HEAD = ["Given name", "Family name", "E-mail", "Mobile", "Company", "Stage", "Job title", "Tags", "Notes", "Street",
        "City", "Country", "Born"]  # fmt: skip


def row(given="Anna", family="Berg", mail="a.berg@home.example", mobile="+47 412 07 733", stage="Lead", job="CEO",
        tags="New", notes="From the fair", street="Havnegata 1", city="Bergen"):  # fmt: skip
    return [given, family, mail, mobile, "Nordlys Kraft", stage, job, tags, notes, street, city, "Norway", "1980-02-03"]


@pytest.fixture
def anna(owner):
    firm = contacts.company(owner, name="Nordlys Kraft")
    return contacts.person(
        owner, given_name="Anna Maria", family_name="Berg", company=firm, job_title="Buyer", stage="customer",
        tags=["Old"], notes="Likes tea", born_on="1980-02-03", source="referral", emails=["anna@nordlys.example"],
        phones=["+47 412 07 733"], addresses=[{"street": "Storgata 12", "city": "Oslo", "country": "NO"}],
    )  # fmt: skip


@pytest.fixture
def by_likeness(anna):
    """Options by which nobody is recognised but by likeness."""
    return {"doubles": MERGE, "keys": ["email"]}


def merged(owner, by_likeness, **changed):
    return imported(owner, [HEAD, row(**changed)], **by_likeness)


def test_the_preview_names_whom_a_row_goes_into_and_the_run_does_so(owner, anna, by_likeness):
    asked = check(bring(owner, [HEAD, row()], **by_likeness))
    [found] = asked.rows.all()
    assert (found.fate, found.record, found.found["name"], found.found["double"]) == (
        "merge", anna.pk, "Anna Maria Berg", anna.pk,
    )  # fmt: skip
    assert (asked.counts["merge"], asked.counts["doubles"]) == (1, 0)
    before = told(asked)
    assert told(run(asked)) == before


def test_both_are_kept_and_single_values_are_chosen_as_merging_proposes(owner, anna, by_likeness):
    merged(owner, by_likeness)
    person = reload(anna)
    assert (person.given_name, person.family_name) == ("Anna Maria", "Berg")  # the fullest spelling
    assert (person.stage, person.source, person.owner) == ("customer", "referral", owner)  # furthest along, first touch
    assert person.job_title == "CEO"  # the newest
    assert (person.tags, person.notes) == (["New", "Old"], "Likes tea\n\nFrom the fair")
    mails = EmailAddress.objects.of(person).values_list("address", "is_primary")
    assert set(mails) == {("anna@nordlys.example", True), ("a.berg@home.example", False)}
    assert PhoneNumber.objects.of(person).count() == 1
    assert set(PostalAddress.objects.of(person).values_list("city", "is_primary")) == {
        ("Oslo", True),
        ("Bergen", False),
    }
    assert Person.objects.visible_to(owner).filter(family_name="Berg").count() == 1


def test_the_import_is_undone_as_one(owner, anna, by_likeness):
    before = reload(anna)
    asked = merged(owner, by_likeness)
    act = undo.undo(running.act_of(asked), by=owner)
    assert (act.state, act.outcome["why"]) == ("undone", {})
    person = reload(anna)
    for name in ("given_name", "job_title", "stage", "tags", "notes", "company_id"):
        assert getattr(person, name) == getattr(before, name)
    assert EmailAddress.objects.of(person).count() == PostalAddress.objects.of(person).count() == 1


def test_merged_again_nothing_is_there_twice(owner, anna, by_likeness):
    merged(owner, by_likeness)
    again = merged(owner, by_likeness | {"where_both": "ours"})
    assert fates(again) == {2: "same"}
    asked = check(bring(owner, [[*HEAD[:2], *HEAD[3:]], [*row()[:2], *row()[3:]]], **by_likeness))
    assert (fates(asked), asked.counts["doubles"]) == ({2: "same"}, 0)
    assert fates(run(asked)) == {2: "same"}
    assert reload(anna).notes == "Likes tea\n\nFrom the fair"


def test_who_is_less_than_certain_is_added_and_asked_about(owner, anna, by_likeness, monkeypatch):
    monkeypatch.setattr("crm.importing.recognising.CERTAIN", 1)
    asked = imported(owner, [HEAD, row()], **by_likeness)
    assert (fates(asked), reload(anna).job_title) == ({2: "double"}, "Buyer")


def test_a_further_row_with_the_address_that_was_merged_is_about_the_same(owner, anna, by_likeness):
    rows = [HEAD, row(), ["Anna", "", "a.berg@home.example", *[""] * 3, "Chair", *[""] * 6]]
    asked = imported(owner, rows, **by_likeness)
    assert (fates(asked), reload(anna).job_title) == ({2: "merge", 3: "update"}, "Chair")


def test_it_takes_the_right_to_change_the_record(owner, cast, anna, by_likeness):
    asked = check(bring(cast.teammate, [HEAD, row()], **by_likeness))
    assert fates(asked) == {2: "double"}
    form = OptionsForm(asked=asked, importable=of_slug("people"), mapping=asked.mapping)
    assert MERGE in dict(form.fields["doubles"].choices)
    asked = check(bring(cast.auditor, [HEAD, row()], **by_likeness))
    form = OptionsForm(asked=asked, importable=of_slug("people"), mapping=asked.mapping)
    assert MERGE not in dict(form.fields["doubles"].choices)
    assert fates(asked) == {2: "refused"}


def test_what_one_may_not_set_stays(owner, anna, by_likeness):
    FieldRight.objects.create(role=owner.role, kind="contacts.person", field="job_title", right="read_only")
    owner.__dict__.pop("access", None)
    merged(owner, by_likeness)
    assert reload(anna).job_title == "Buyer"


def test_who_was_merged_away_between_preview_and_run_is_found_at_the_survivor(owner, anna, by_likeness):
    asked = check(bring(owner, [HEAD, row()], **by_likeness))
    other = contacts.person(owner, given_name="Anna M.", family_name="Berg")
    Person.objects.unscoped(because="a test merges").filter(pk=anna.pk).update(merged_into=other)
    asked = run(asked)
    assert (fates(asked), asked.rows.get().record) == ({2: "merge"}, other.pk)


def test_notes_that_are_too_long_together_are_said(owner, anna, by_likeness):
    asked = check(bring(owner, [HEAD, row(notes="n" * 19_995)], **by_likeness))
    assert (fates(asked), asked.rows.get().found["bad"].keys()) == ({2: "bad"}, {"8"})
