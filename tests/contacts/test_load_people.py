"""A file of people comes in through the gate; what does not pass is set aside with its reason."""

import csv
import gzip
import io

import pytest
from django.core.management import CommandError, call_command

from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from tests.factories import contacts, crm

pytestmark = pytest.mark.django_db


def everything(model):
    return model.objects.unscoped(because="a test looks")


@pytest.fixture
def load(tmp_path):
    """Load a text as a file; return what the command said and the refused rows."""

    def run(content, name="people.csv", **options):
        path, refused, said = tmp_path / name, tmp_path / "refused.csv", io.StringIO()
        content = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        refused.unlink(missing_ok=True)
        call_command("load_people", path, refused=refused, stdout=said, **options)
        rows = list(csv.DictReader(refused.open())) if refused.exists() else []
        return said.getvalue(), rows

    return run


FULL = (
    "id,given_name,family_name,job_title,company,website,email,phone,mobile,"
    "street,house_number,city,postcode,state,country,birth_date\n"
    "7,ANNE,o'brien,Buyer,Acme GmbH,www.acme.example,Anne@Acme.example,030 2345678,0151 23456789,"
    "Hauptstr.,5,Berlin,10115,,Deutschland,1980-02-03\n"
)


def test_a_row_becomes_a_person_with_all_that_belongs_to_them(load):
    said, refused = load(FULL)
    person = everything(Person).get()
    assert (person.given_name, person.family_name, person.job_title) == ("Anne", "O'Brien", "Buyer")
    assert (str(person.born_on), person.country.code, person.source) == ("1980-02-03", "DE", "import")
    assert person.company.name == "Acme GmbH"
    assert person.company.domain == "acme.example"
    assert everything(EmailAddress).get().address == "anne@acme.example"
    numbers = everything(PhoneNumber).order_by("kind").values_list("kind", "number", "is_primary")
    assert list(numbers) == [("mobile", "+4915123456789", True), ("work", "+49302345678", False)]
    address = everything(PostalAddress).get()
    assert (address.street, address.postcode, address.country.code) == ("Hauptstr. 5", "10115", "DE")
    assert {"anne", "acme", "brien"} <= set(person.words)
    assert refused == []
    assert "1 rows: 1 people loaded, 0 rows refused." in said


def test_columns_come_in_any_order_and_others_are_left_out(load):
    load("shoe size;Family Name;given_name\n41;Solheim;Ingrid\n")
    assert str(everything(Person).get()) == "Ingrid Solheim"


def test_a_full_name_is_split_only_without_its_parts(load):
    load("full_name,given_name,family_name\nDr. Juan de la Vega Jr.,,\nIgnored Name,Ada,Byron\n")
    names = set(everything(Person).values_list("prefix", "given_name", "family_name", "suffix"))
    assert names == {("Dr.", "Juan", "de la Vega", "Jr."), ("", "Ada", "Byron", "")}


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("email", "nobody at home", "No e-mail address: nobody at home"),
        ("email", "anna@firm", "No domain ending: anna@firm"),
        ("phone", "12", "Too short or too long: 12"),
        ("mobile", "call me", "No phone number: call me"),
        ("website", "ftp:", "No web address: ftp:"),
        ("country", "Atlantis", "No country: Atlantis"),
        ("birth_date", "yesterday", "No date"),
        ("birth_date", "03/04/1980", "Day or month first?"),
        ("birth_date", "1980-02-31", "No date"),
        ("job_title", "x" * 121, "Ensure this value has at most 120 characters (it has 121)."),
        ("company", "x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("postcode", "9" * 17, "Ensure this value has at most 16 characters (it has 17)."),
    ],
)
def test_a_bad_value_is_set_aside_and_the_person_kept(load, column, value, reason):
    cells = {"given_name": "Ada", "company": "Acme", "country": "NO", "city": "Oslo", column: value}
    text = io.StringIO()
    writer = csv.DictWriter(text, cells)
    writer.writeheader()
    writer.writerow(cells)
    said, refused = load(text.getvalue())
    assert refused == [{"row": "1", "column": column, "value": value, "reason": reason}]
    assert everything(Person).get().given_name == "Ada"
    assert f"Values set aside: 1 ({column} 1)." in said


def test_a_number_without_a_country_is_read_where_the_mail_ends(load):
    _said, refused = load("given_name,email,phone\nAda,ada@firma.de,030 2345678\nBo,bo@firma.example,030 2345678\n")
    assert [number.number for number in everything(PhoneNumber)] == ["+49302345678"]
    assert [row["reason"] for row in refused] == ["No country to read it in"]


def test_a_row_without_a_name_is_refused_and_counted(load):
    said, refused = load("given_name,family_name,email\n,,a@b.example\n" + "x" * 101 + ",,\nAda,,\n")
    assert "3 rows: 1 people loaded, 2 rows refused." in said
    assert [(row["row"], row["column"]) for row in refused] == [("1", ""), ("2", "given_name"), ("2", "")]


def test_zero_bytes_bad_bytes_and_endless_cells_harm_nothing(load):
    content = (
        b"given_name,job_title\nA\0da,Head\0 of IT\nBo,Gesch\xe4ftsf\xfchrer\nCy," + b"y" * 1_100_000 + b"\nDi,Boss\n"
    )
    said, refused = load(content)
    assert list(everything(Person).order_by("pk").values_list("given_name", "job_title")) == [
        ("Ada", "Head of IT"),
        ("Bo", ""),
        ("Di", "Boss"),
    ]
    assert [(row["row"], row["column"], row["reason"]) for row in refused] == [
        ("2", "job_title", "Not in UTF-8"),
        ("3", "", "field larger than field limit (1000000)"),
    ]


@pytest.mark.parametrize("content", ["", "shoe size\n41\n", "\0\0\0"])
def test_a_file_that_is_no_table_is_refused_whole(load, content):
    with pytest.raises(CommandError):
        load(content)
    assert not everything(Person).exists()


def test_gzip_is_read_and_a_torn_one_ends_in_a_word(load, tmp_path):
    load(FULL, name="people.csv.gz")
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(gzip.compress(FULL.encode() * 50)[:-20])
    said = io.StringIO()
    call_command("load_people", torn, refused=tmp_path / "r.csv", stdout=said)
    assert "1 rows refused" in said.getvalue()


def test_companies_are_found_by_domain_or_name_and_made_once(load):
    known = contacts.company(name="Acme GmbH", website="https://acme.example")
    said, _refused = load(
        "given_name,company,website\n"
        "A,ACME gmbh,\n"
        "B,Acme Holding,http://www.acme.example/en\n"
        "C,Acme GmbH,other.example\n"
        "D,Nordlys,\n"
        "E,nordlys,\n"
    )
    names = dict(everything(Person).values_list("given_name", "company__name"))
    assert names == {"A": "Acme GmbH", "B": "Acme GmbH", "C": "Acme GmbH", "D": "Nordlys", "E": "Nordlys"}
    assert everything(Person).filter(company=known).count() == 2
    assert everything(Company).count() == 3
    assert "Companies: 2 found, 2 made." in said


def test_somebody_who_loads_finds_only_the_companies_they_see(load):
    contacts.company(name="Acme", owner=crm.user(team=crm.team()))
    rep = crm.user(team=crm.team())
    load("given_name,company\nAda,Acme\n", by=rep.email, owner=rep.email)
    person = everything(Person).get()
    assert (person.owner, person.team, person.created_by) == (rep, rep.team, rep)
    assert person.company.owner == rep
    assert everything(Company).count() == 2


def test_who_may_not_create_people_may_not_load_them(load):
    with pytest.raises(CommandError, match="may not create people"):
        load(FULL, by=crm.user(role="auditor").email)


def test_a_team_can_hold_what_nobody_owns(load):
    team = crm.team()
    load(FULL, team=team.name)
    assert everything(Person).get().team == team


def test_the_same_file_twice_is_two_records(load):
    load(FULL)
    load(FULL)
    assert everything(Person).count() == 2
    assert everything(Company).count() == 1


def test_a_formula_in_a_refused_value_stays_text(load):
    _said, refused = load("given_name,email\nAda,=1+1\n")
    assert refused[0]["value"] == "'=1+1"


def test_queries_do_not_grow_with_the_rows(load, django_assert_max_num_queries):
    lines = "".join(f"P{n},Firm {n},p{n}@firm{n}.example\n" for n in range(300))
    with django_assert_max_num_queries(60):
        load("given_name,company,email\n" + lines)
