"""What becomes of a row: told before, and so it comes."""

from time import monotonic

import pytest

from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm.audit.reasons import in_words
from crm.history import acting
from crm.importing import checking, planning
from crm.importing.rows import Import
from crm.models import FieldRight, Grant
from tests.factories import contacts
from tests.factories.contacts import reload
from tests.importing.conftest import bring, check, fates, imported, run, told

pytestmark = pytest.mark.django_db
HEAD = ["Given name", "Family name", "E-mail", "Phone", "Country", "Company", "Stage", "Job title", "Tags"]


def row(given="Anna", family="Berg", mail="", phone="", country="", company="", stage="", job="", tags=""):
    return [given, family, mail, phone, country, company, stage, job, tags]


def people(owner, **named):
    return Person.objects.visible_to(owner).filter(**named)


@pytest.fixture
def anna(owner):
    return contacts.person(
        owner, given_name="Anna", family_name="Berg", job_title="Buyer", stage="qualified", tags=["Old"],
        emails=["anna@nordlys.example"], phones=["+47 412 07 733"],
    )  # fmt: skip


MIXED = [
    HEAD,
    row(mail="anna@nordlys.example", job="Head of purchasing", stage="Customer"),
    row("Bo", "Dahl", "bo@nordlys.example", "22 55 01 44", "Norway", "Nordlys Kraft"),
    row("Bo", "Dahl", "bo@nordlys.example", "412 07 735", "NO"),
    row("CARL", "EK", "carl@nordlys"),
    row("Dag", "Foss", "dag@nordlys.example", stage="Nobody knows"),
    row("", "", "nobody@nordlys.example"),
    row(mail="anna@nordlys.example"),
    row("Anna", "Berg", "a.berg@else.example", "412 07 733", "NO"),
    row("Eva", "Lund", "", "", "", "Nordlys Kraft"),
    row("Eva", "Lund", "", "", "", "Nordlys Kraft"),
]


def test_the_dry_run_tells_what_the_run_does(owner, anna):
    asked = check(bring(owner, MIXED))
    before = told(asked)
    counts = asked.counts
    asked = run(asked)
    assert (told(asked), asked.counts) == (before, counts)
    assert sum(counts.get(fate, 0) for fate in set(fates(asked).values())) == asked.total == len(MIXED) - 1
    assert fates(asked) == {
        2: "update", 3: "new", 4: "update", 5: "bad", 6: "bad", 7: "refused", 8: "same", 9: "update", 10: "new",
        11: "same",
    }  # fmt: skip


def test_a_dry_run_writes_nothing(owner, anna):
    number = people(owner).count(), Company.objects.visible_to(owner).count()
    check(bring(owner, MIXED))
    assert (people(owner).count(), Company.objects.visible_to(owner).count()) == number
    assert reload(anna).version == anna.version


def test_many_steps_tell_the_same_as_one(owner, anna, monkeypatch):
    whole = told(check(bring(owner, MIXED)))
    monkeypatch.setattr("crm.importing.checking.STEP_ROWS", 1)
    monkeypatch.setattr("crm.importing.running.STEP_ROWS", 1)
    asked = check(bring(owner, MIXED))
    before = told(asked)
    assert [one[:2] for one in before] == [one[:2] for one in whole]
    assert told(run(asked)) == before


def test_a_file_changes_only_what_it_has_a_value_for(owner, anna):
    imported(owner, [HEAD, row("Anna", "Berg", "anna@nordlys.example", stage="Customer", tags="New; Oslo")])
    anna = reload(anna)
    assert (anna.job_title, anna.stage, anna.tags) == ("Buyer", "customer", ["New", "Old", "Oslo"])


def test_what_is_here_is_kept_where_that_was_chosen(owner, anna):
    rows = [HEAD, row(mail="anna@nordlys.example", job="Head", company="Nordlys Kraft")]
    imported(owner, rows, where_both="ours")
    anna = reload(anna)
    assert (anna.job_title, anna.company.name) == ("Buyer", "Nordlys Kraft")


def test_empty_cells_clear_where_that_was_chosen(owner, anna):
    imported(owner, [["E-mail", "Job title"], ["anna@nordlys.example", ""]], clear=True)
    assert (reload(anna).job_title, reload(anna).family_name) == ("", "Berg")
    assert EmailAddress.objects.of(anna).count() == 1


def test_mails_and_phones_are_united(owner, anna):
    rows = [["E-mail", "Other e-mail", "Phone", "Mobile"],
            ["anna@nordlys.example", "anna@home.example", "+47 22 55 01 44", "+47 412 07 733"]]  # fmt: skip
    asked = imported(owner, rows)
    assert asked.rows.get().found["fields"] == 2
    assert set(EmailAddress.objects.of(anna).values_list("address", "is_primary")) == {
        ("anna@nordlys.example", True),
        ("anna@home.example", False),
    }
    assert set(PhoneNumber.objects.of(anna).values_list("number", flat=True)) == {"+4741207733", "+4722550144"}


def test_an_address_of_a_kind_is_filled_and_changed_not_piled_up(owner):
    dahl = contacts.person(
        owner, given_name="Bo", family_name="Dahl", emails=["bo@x.example"], addresses=[{"city": "Oslo"}]
    )
    rows = [["E-mail", "City", "Postcode", "Country"], ["bo@x.example", "Oslo", "0155", "Norway"]]
    asked = imported(owner, rows)
    assert asked.rows.get().found["fields"] == 2
    address = PostalAddress.objects.of(dahl).get()
    assert (address.city, address.postcode, address.country) == ("Oslo", "0155", "NO")
    assert reload(dahl).country == "NO"


def test_a_new_record_is_whole(owner):
    rows = [
        HEAD,
        row("BOBBY", "DAHL", "Bo@Nordlys.example", "22 55 01 44", "Norge", "Nordlys Kraft", "Customer", "CEO", "A;B"),
    ]
    asked = imported(owner, rows)
    dahl = people(owner).get(pk=asked.rows.get().record)
    assert (dahl.given_name, dahl.family_name, dahl.typed) == (
        "Bobby",
        "Dahl",
        {"given_name": "BOBBY", "family_name": "DAHL"},
    )
    assert (dahl.owner, dahl.team, dahl.created_by, dahl.source) == (owner, owner.team, owner, "import")
    assert (dahl.country, dahl.stage, dahl.tags, dahl.company.name) == ("NO", "customer", ["A", "B"], "Nordlys Kraft")
    assert {"bobby", "dahl", "nordlys"} <= set(dahl.words)
    assert EmailAddress.objects.of(dahl).get(is_primary=True).address == "bo@nordlys.example"
    assert PhoneNumber.objects.of(dahl).get().number == "+4722550144"
    assert asked.rows.get().found["was"] == {
        "0": "Bobby", "1": "Dahl", "2": "bo@nordlys.example", "3": "+47 22 55 01 44"}  # fmt: skip


def test_the_same_file_again_adds_nothing(owner, anna):
    imported(owner, MIXED)
    number = people(owner).count(), Company.objects.visible_to(owner).count()
    again = imported(owner, MIXED)
    assert (people(owner).count(), Company.objects.visible_to(owner).count()) == number
    assert set(fates(again).values()) == {"same", "bad", "refused"}


@pytest.mark.parametrize(
    ("mode", "there", "other"),
    [("create", "skipped", "new"), ("update", "update", "skipped"), ("both", "update", "new")],
)
def test_adding_updating_or_both(owner, anna, mode, there, other):
    rows = [HEAD, row(mail="anna@nordlys.example", job="CEO"), row("Bo", "Dahl", "bo@x.example")]
    assert list(fates(imported(owner, rows, mode=mode)).values()) == [there, other]


def test_a_shared_mailbox_does_not_make_two_people_one(owner, anna):
    asked = imported(owner, [HEAD, row("Zacharias", "Quist", "anna@nordlys.example")])
    assert fates(asked) == {2: "new"}
    assert (reload(anna).family_name, reload(anna).given_name) == ("Berg", "Anna")


def test_several_who_fit_are_not_guessed_among(owner, anna):
    contacts.person(owner, given_name="Anna", family_name="Bergh", emails=["anna@nordlys.example"])
    asked = imported(owner, [["Given name", "E-mail"], ["Anna", "anna@nordlys.example"]])
    assert fates(asked) == {2: "refused"}
    assert "2 records" in asked.rows.get().found["reason"]


def test_by_the_number_here(owner, cast, anna, world):
    rows = [["Number here", "Job title"], [str(anna.pk), "CEO"], [str(world["other_person"].pk), "CEO"], ["x", "CEO"]]
    asked = imported(owner, rows)
    assert fates(asked) == {2: "update", 3: "refused", 4: "refused"}
    assert (reload(anna).job_title, reload(world["other_person"]).job_title) == ("CEO", "")


def test_likely_doubles_are_asked_about_left_out_or_taken(owner, anna):
    rows = [HEAD, row("Anna", "Berg", "anna.berg@nordlys.example", job="Buyer", phone="+47 412 07 734")]
    asked = check(bring(owner, rows))
    [found] = asked.rows.all()
    assert (found.fate, found.found["name"], found.found["double"]) == ("double", "Anna Berg", anna.pk)
    assert fates(imported(owner, rows, doubles="skip")) == {2: "skipped"}
    asked = check(bring(owner, rows, doubles="update"))
    assert (asked.rows.get().fate, asked.rows.get().record) in (("update", anna.pk), ("double", None))


def test_a_record_one_does_not_see_is_neither_told_nor_changed(owner, cast, world):
    hidden = world["other_person"]
    mail = EmailAddress.objects.of(hidden).get().address
    asked = imported(owner, [HEAD, row(hidden.given_name, hidden.family_name, mail, job="CEO")])
    found = asked.rows.get()
    assert (found.fate, "double" in found.found) == ("new", False)
    assert reload(hidden).job_title == ""


def test_a_record_one_sees_and_may_not_change_is_left(owner, cast):
    theirs = contacts.person(cast.teammate, given_name="Ida", family_name="Moe", emails=["ida@x.example"])
    asked = imported(owner, [HEAD, row("Ida", "Moe", "ida@x.example", job="CEO")])
    assert (fates(asked), reload(theirs).job_title) == ({2: "refused"}, "")


def test_who_is_merged_while_a_step_is_planned_is_the_survivor(owner, anna, monkeypatch):
    """Recognised, then merged by somebody, then locked."""
    gone = contacts.person(owner, given_name="Ann", family_name="Berg", emails=["ann@nordlys.example"])
    asked = check(bring(owner, [HEAD, row("Ann", "Berg", "ann@nordlys.example", job="CEO"), row(
        "Anna", "Berg", "anna@nordlys.example", stage="Customer")]))  # fmt: skip
    first = planning.recognise

    def recognise(*args):
        first(*args)
        Person.objects.unscoped(because="a test merges").filter(pk=gone.pk).update(merged_into=anna)

    monkeypatch.setattr(planning, "recognise", recognise)
    run(asked)
    assert fates(asked) == {2: "update", 3: "update"}
    assert (reload(anna).job_title, reload(anna).stage) == ("CEO", "customer")


def test_rows_for_a_record_that_was_merged_land_on_the_survivor(owner, anna):
    gone = contacts.person(owner, given_name="Ana", family_name="Berg")
    Person.objects.unscoped(because="a test merges").filter(pk=gone.pk).update(merged_into=anna)
    asked = imported(owner, [["Number here", "Job title"], [str(gone.pk), "CEO"]])
    assert (asked.rows.get().record, reload(anna).job_title) == (anna.pk, "CEO")


def test_who_may_not_add_companies_is_told_so(owner, cast):
    Grant.objects.filter(role=owner.role, kind="contacts.company", action="create").delete()
    asked = check(bring(cast.owner, [HEAD, row(company="Unheard Of")]))
    assert asked.rows.get().found["bad"].keys() == {"5"}


def test_companies_are_known_by_their_site_and_name(owner):
    firm = contacts.company(owner, name="Fjord Kraft", website="fjord.example")
    rows = [["Name", "Web site", "Industry"], ["Fjord Kraft AS", "https://www.fjord.example/om", "Energy"],
            ["Fjord Kraft", "https://other.example", "Fish"], ["Fjord Kraft", "", "Power"]]  # fmt: skip
    asked = imported(owner, rows, slug="companies")
    assert [one.fate for one in asked.rows.order_by("number")][0] == "update"
    assert asked.rows.get(number=3).fate in ("new", "double")
    assert Company.objects.visible_to(owner).filter(website__contains="other.example").count() == 1
    assert asked.rows.get(number=2).record == firm.pk


def test_a_cell_is_mended_and_its_group_looked_at_anew(owner, anna):
    asked = check(
        bring(owner, [HEAD, row("Bo", "Dahl", "bo@nordlys"), row("Bo", "Dahl", "bo@nordlys.example", job="CEO")])
    )
    assert fates(asked) == {2: "bad", 3: "new"}
    mended = checking.mend(asked, 2, {2: "bo@nordlys.example"})
    assert (mended.fate, fates(asked)) == ("new", {2: "new", 3: "update"})
    asked.refresh_from_db()
    assert asked.counts["cells"] == 0
    before = told(asked)
    assert told(run(asked)) == before


def test_mended_rows_tell_what_the_run_does_though_others_are_about_the_same_record(owner, anna):
    bo = contacts.person(owner, given_name="Bo", family_name="Dahl", emails=["bo@fjord.example", "dahl@fjord.example"])
    rows = [row("Bo", "Dahl", "bo@fjord", job="CEO"), row("Bo L", "Dahl", "dahl@fjord.example", job="CEO")]
    asked = check(bring(owner, [HEAD, *rows], where_both="ours"))
    assert fates(asked) == {2: "bad", 3: "update"}
    checking.mend(asked, 2, {2: "bo@fjord.example"})
    assert fates(asked) == {2: "update", 3: "same"}
    before = told(asked)
    assert told(run(asked)) == before
    assert reload(bo).job_title == "CEO"


def test_a_cell_is_mended_as_the_file_is_mapped_by_then(owner):
    asked = check(bring(owner, [HEAD, row("Bo", "Dahl", "bo@fjord")]))
    mapped = Import.objects.get(pk=asked.pk)
    mapped.mapping = ["given_name", "family_name", "", "", ""]
    mapped.save()
    check(mapped)
    assert checking.mend(asked, 2, {2: "still none"}).fate == "new"


def test_a_formula_stays_text_and_the_file_of_refused_rows_can_come_again(owner):
    from crm.importing import refused

    asked = imported(owner, [HEAD, row("=cmd()", "@Berg", "nobody", "+47 412 07 733")])
    raw = b"".join(refused.pieces(asked))
    assert b"'=cmd()" in raw and b"No " in raw
    again = check(bring(owner, raw.replace(b"nobody", b"n@x.example")))
    assert "Reason" in again.header and again.mapping[-1] == ""
    asked = run(again)
    person = people(owner).get(pk=asked.rows.get().record)
    assert (person.given_name, person.family_name) == ("=Cmd()", "@Berg")


def test_letters_that_turn_the_direction_are_left_out(owner):
    asked = imported(owner, [HEAD, row("\u202eanna", "Be\u200brg", "a@x.example")])
    person = people(owner).get(pk=asked.rows.get().record)
    assert "\u202e" not in person.given_name and person.family_name == "Berg"


def test_the_history_says_who_and_that_it_was_an_import(owner, anna):
    with acting(owner, reason="a test"):
        imported(owner, [HEAD, row(mail="anna@nordlys.example", job="CEO")])
    event = Person.pgh_event_model.objects.filter(pgh_obj=anna.pk).order_by("-pgh_id").first()
    assert event.pgh_user_id == owner.pk
    assert in_words(event.pgh_context.metadata["reason"]) == "Imported"


def test_rows_with_more_cells_than_columns_are_refused(owner):
    asked = check(bring(owner, [["Given name", "E-mail"], ["Anna", "a@x.example", "what is this"]]))
    assert fates(asked) == {2: "refused"}


def test_companies_are_added_for_rows_that_are_written_alone(owner):
    rows = [
        HEAD,
        row("Bo", "Dahl", "bo@x.example", company="Written Works"),
        row("Cy", "Ek", "cy", company="Bad Works"),
    ]
    imported(owner, rows)
    imported(owner, [HEAD, row("Di", "Foss", "di@x.example", company="Left Works")], mode="update")
    found = Company.objects.visible_to(owner).filter(name__endswith="Works").values_list("name", flat=True)
    assert list(found) == ["Written Works"]


def test_a_field_that_is_hidden_is_neither_asked_by_nor_set(owner, cast):
    for kind, field in (("contacts.company", "website"), ("contacts.person", "company")):
        FieldRight.objects.create(role=owner.role, kind=kind, field=field, right="hidden")
    contacts.company(owner, name="Fjord Kraft", website="fjord.example")
    head = ["Name", "Web site", "Industry"]
    asked = imported(owner, [head, ["Fjord Kraft", "fjord.example", "Power"], ["New Works", "new.example", "Tin"]],
                     slug="companies", mapping=["name", "website", "industry"])  # fmt: skip
    assert list(fates(asked).values()) == ["update", "new"]
    assert reload(Company(pk=asked.rows.get(number=3).record)).website == ""
    asked = imported(owner, [HEAD, row("Eva", "Lund", company="Fjord Kraft")])
    assert (fates(asked), reload(Person(pk=asked.rows.get().record)).company) == ({2: "new"}, None)
    FieldRight.objects.filter(kind="contacts.person").delete()
    asked = imported(
        cast.owner, [["Given name", "Company", "Company's web site"], ["Ulf", "Fjord Kraft", "fjord.example"]]
    )
    assert reload(Person(pk=asked.rows.get().record)).company.name == "Fjord Kraft"


@pytest.mark.parametrize("cell", ["a" + " " * 60_000 + "b", "@" + "." * 60_000 + " a"])
def test_a_long_cell_is_read_in_no_time(owner, cell):
    began = monotonic()
    asked = check(bring(owner, [["One", "E-mail", "Tags"], [cell] * 3], mapping=["given_name", "email", "tags"]))
    assert fates(asked) == {2: "bad"}
    assert monotonic() - began < 4  # seconds; where time grows by the square of the length it takes 30 and more


def test_more_mails_than_a_form_takes_are_told_and_not_left_out_unsaid(owner):
    mails = [";".join(f"a{number}@many.example" for number in range(some)) for some in (30, 31, 4_000)]
    began = monotonic()
    asked = check(bring(owner, [HEAD, *(row(f"Anna{place}", mail=text) for place, text in enumerate(mails))]))
    assert fates(asked) == {2: "new", 3: "bad", 4: "bad"}
    assert asked.rows.get(number=3).found["bad"] == {"2": "More than 30 of them"}
    assert monotonic() - began < 10


def test_notes_are_no_longer_than_a_form_takes(owner):
    asked = check(bring(owner, [["Family name", "Notes"], ["Berg", "n" * 20_000], ["Dahl", "n" * 20_001]]))
    assert fates(asked) == {2: "new", 3: "bad"}


def test_what_was_said_to_be_unknown_is_not_guessed(owner):
    asked = check(bring(owner, [HEAD, row(stage="Kunde")], values={"stage": {"Kunde": ""}}))
    assert fates(asked) == {2: "bad"}
