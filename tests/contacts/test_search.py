"""Search finds people and companies by name, part of it, misspelt, by phone and e-mail, and nobody one may not see."""

import re

import pytest

from crm.models import Grant
from crm.search import is_phone, search
from tests.factories import contacts, crm

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(cast):
    acme = contacts.company(cast.owner, name="Ångström Instruments", website="angstrom.example", industry="Optics")
    return {
        "amara": contacts.person(
            cast.owner,
            given_name="Amara",
            family_name="Nwachukwu-Lindqvist",
            company=acme,
            job_title="Buyer",
            emails=["amara.nwachukwu@fjordnet.no", "private@elsewhere.example"],
            phones=["+47 412 55 733"],
        ),
        "sioban": contacts.person(cast.owner, given_name="Siobhán", family_name="O'Brien", phones=["+44 20 7946 0018"]),
        "jurgen": contacts.person(cast.owner, given_name="Jürgen", family_name="Müßig", phones=["+39 06 698 12345"]),
        "li": contacts.person(cast.owner, given_name="李", family_name="明"),
        "acme": acme,
    }


def found(user, query, **options):
    return [hit.record for hit in search(user, query, **options)]


@pytest.mark.parametrize(
    ("_case", "query", "first"),
    [
        ("the whole name", "Amara Nwachukwu-Lindqvist", "amara"),
        ("in any case and order", "lindqvist AMARA", "amara"),
        ("the beginning of a word", "nwach", "amara"),
        ("the beginning of several", "ama lind", "amara"),
        ("the middle of a word", "achukw", "amara"),
        ("a letter wrong", "Amarra Nwachukwo", "amara"),
        ("letters swapped", "Lindqivst", "amara"),
        ("without accents", "siobhan obrien", "sioban"),
        ("with the apostrophe", "o'brien", "sioban"),
        ("an umlaut as one letter", "muessig", "jurgen"),
        ("an umlaut left out", "jurgen mussig", "jurgen"),
        ("in another script", "李明", "li"),
        ("a company without its ring", "angstrom", "acme"),
        ("a company misspelt", "angstrom instrumants", "acme"),
        ("a company by its domain", "angstrom.example", "acme"),
        ("a phone as it is written there", "412 55 733", "amara"),
        ("a phone with the country", "+47 41255733", "amara"),
        ("a phone with two zeros", "0047 412 55 733", "amara"),
        ("the end of a phone", "55733", "amara"),
        ("a British number at home", "020 7946 0018", "sioban"),
        ("a British number with its zero in brackets", "+44 (0)20 7946 0018", "sioban"),
        ("an Italian number keeps its zero", "06 698 12345", "jurgen"),
        ("an e-mail address", "amara.nwachukwu@fjordnet.no", "amara"),
        ("an e-mail address in capitals", " Amara.Nwachukwu@FJORDNET.no ", "amara"),
        ("the beginning of one", "amara.nwachukwu@fjo", "amara"),
        ("the second of two", "private@elsewhere.example", "amara"),
        ("a domain", "www.fjordnet.no", "amara"),
        ("a word of an e-mail address", "fjordnet", "amara"),
    ],
)
def test_somebody_is_found_by(cast, known, _case, query, first):
    assert found(cast.owner, query)[:1] == [known[first]]


@pytest.mark.parametrize(
    "query", ["", " ", "\u200b", "?", "@", "a@", "%", "_", "' OR 1=1", "!&|:*", "xyzzy plugh", "+", "99999999"]
)
def test_a_query_that_means_nobody_finds_nobody(cast, known, query):
    assert found(cast.owner, query) == []


@pytest.mark.parametrize("name", ["other", "newrep", "anonymous"])
@pytest.mark.parametrize(
    "query", ["amara", "achukw", "Amarra", "412 55 733", "amara.nwachukwu@fjordnet.no", "angstrom"]
)
def test_a_stranger_finds_nothing_in_any_way(cast, known, name, query):
    assert found(getattr(cast, name), query) == []


def test_the_best_fit_stands_first(cast, known):
    contacts.person(cast.owner, given_name="Amara", family_name="Nwachukwu")
    contacts.person(cast.owner, given_name="Amara", family_name="Adichie")
    names = [str(record) for record in found(cast.owner, "amara nwachukwu")]
    assert names[0] == "Amara Nwachukwu"
    assert names[1] == "Amara Nwachukwu-Lindqvist"


def test_a_word_one_only_wears_is_not_searched(cast, known):
    """Notes and titles are no names."""
    assert found(cast.owner, "buyer") == []


def test_what_tells_namesakes_apart_is_what_the_reader_sees(cast, known, world):
    theirs = contacts.person(
        cast.owner, given_name="Amara", family_name="Elsewhere", job_title="Clerk", company=world["other_company"]
    )
    details = {hit.record: hit.detail for hit in search(cast.owner, "amara")}
    assert details[known["amara"]] == "Buyer, Ångström Instruments"
    assert details[theirs] == "Clerk"


def test_a_changed_name_is_found_by_the_new_one_alone(cast, known):
    known["sioban"].family_name = "Zimmermann"
    known["sioban"].save()
    assert found(cast.owner, "zimmermann") == [known["sioban"]]
    assert known["sioban"] not in found(cast.owner, "obrien")


def test_a_role_that_may_not_see_companies_finds_none(cast, known):
    Grant.objects.filter(role__key="rep", kind="contacts.company", action="view").delete()
    user = crm.user(team=cast.north)
    assert known["acme"] not in found(user, "angstrom")
    assert dict.fromkeys(hit.detail for hit in search(user, "amara lindqvist")) == {"Buyer": None}


@pytest.mark.parametrize(
    ("text", "is_one"), [("41207", True), ("4120", False), ("+47 (0) 412-07/733", True), ("41207a", False)]
)
def test_what_is_taken_for_a_phone_number(text, is_one):
    assert is_phone(text) is is_one


def test_the_page_the_palette_and_the_pickers_agree(cast, known, signed_in):
    client = signed_in(cast.owner)
    url = f"/people/{known['amara'].pk}/"
    assert url in client.get("/search/?q=amarra").content.decode()
    assert url in client.get("/search/?q=amarra&palette=1").content.decode()
    choices = client.get("/people/choices/?q=amarra").json()
    assert choices[0] == {
        "value": known["amara"].pk,
        "text": "Amara Nwachukwu-Lindqvist",
        "detail": "Buyer, Ångström Instruments",
    }


def test_a_name_of_markup_is_shown_as_text(cast, signed_in):
    contacts.person(cast.owner, given_name="<script>alert(1)</script>", family_name="Bobby", tags=["<b>x"])
    client = signed_in(cast.owner)
    for url in (
        "/search/?q=bobby",
        "/search/?q=bobby&palette=1",
        "/people/?columns=name,tags",
        "/?",
        "/search/?q=<script>",
    ):
        assert "<script>alert" not in client.get(url).content.decode()
        assert not re.search(r"<b>x", client.get(url).content.decode())
