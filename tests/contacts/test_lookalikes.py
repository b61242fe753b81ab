"""While somebody types, the form tells whom it may be; a clear duplicate is saved once somebody has said so."""

import re

import pytest

from contacts.models import Company, Person
from crm.duplicates import Suggestion
from crm.events import delivering
from crm.models import FieldRight
from tests.contacts.test_people import lines, send
from tests.factories import contacts, crm
from tests.forms import filled

pytestmark = pytest.mark.django_db
ADA = {"given_name": "Ada", "family_name": "Lovelacing"}
MAIL = lines("emails", {"address": "ada@kobelt.example", "kind": "work"})


@pytest.fixture
def ada(cast):
    firm = contacts.company(cast.owner, name="Kobelt KG")
    return contacts.person(cast.owner, **ADA, emails=["ada@kobelt.example"], company=firm)


@pytest.fixture
def client(cast, signed_in):
    return signed_in(cast.owner)


def asked(client, url="/people/likely/", **typed):
    """Return what the form is told of, as a text."""
    response = client.post(url, typed)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def everybody(model=Person):
    return model.objects.unscoped(because="a test counts")


def said(ada):
    """Return {what: of which other record} of the suggestions of one record."""
    rows = Suggestion.objects.filter(kind=1)
    return {row.state: row.right for row in rows if row.left == ada.pk}


def test_whoever_types_is_told_with_reasons_where_to_look_and_what_to_say(client, ada):
    told = asked(client, **ADA, **MAIL)
    assert "Looks like <b>Ada Lovelacing</b>" in told
    assert "Kobelt KG" in told
    assert "same e-mail" in told
    assert re.search(r"\(9\d%\)", told)
    assert f'href="/people/{ada.pk}/" target="_blank" rel="noopener"' in told
    for name in ("another", "later"):
        assert f'type="checkbox" name="{name}" value="{ada.pk}"' in told


@pytest.mark.parametrize("url", ["/people/likely/", "/people/quick/likely/"])
def test_nothing_like_it_and_nothing_typed_show_nothing(client, ada, url):
    assert asked(client, url, given_name="Zebedee", family_name="Nobodying").strip() == ""
    assert asked(client, url).strip() == ""


def test_companies_and_the_quick_form_tell_as_well(client, ada, cast):
    assert "Ada Lovelacing" in asked(client, "/people/quick/likely/", **ADA, email="ada@kobelt.example")
    told = asked(client, "/companies/likely/", name="Kobelt", website="kobelt.example")
    assert "Kobelt KG" in told


def test_what_was_answered_is_shown_no_more_and_stays_with_the_form(client, ada):
    told = asked(client, **ADA, **MAIL, another=ada.pk)
    assert "Looks like" not in told
    assert f'type="hidden" name="another" value="{ada.pk}"' in told


@pytest.mark.parametrize(
    "sent",
    [
        {"emails-TOTAL_FORMS": "9999", "given_name": "A"},
        {"emails-TOTAL_FORMS": "x", "another": ["x", "-1", "9" * 30, "٣"], "later": "1e3"},
        {"given_name": "\u202e\u0301" * 500, "company": "٣" * 9},
        {"company": "9" * 18, "family_name": "; DROP"},
        {"emails-TOTAL_FORMS": "1", "emails-0-address": "@@.@", "born_on": "0000-00-00"},
    ],
)
def test_whatever_is_sent_is_answered(client, ada, sent):
    assert client.post("/people/likely/", sent).status_code == 200


def test_the_record_that_is_changed_has_to_be_a_number(client):
    assert client.post("/people/likely/?but=x", ADA).status_code == 400


# What one may not see


def test_a_hidden_record_never_shows_holds_up_or_changes_the_answer(client, cast, ada, signed_in):
    stranger = crm.user("Stranger")
    without = asked(signed_in(stranger), **ADA, **MAIL)
    assert without.strip() == ""
    response = send(signed_in(stranger), "/people/new/", **ADA, **MAIL)
    assert response.status_code == 302
    assert everybody().filter(family_name="Lovelacing").count() == 2
    delivering.deliver()
    assert Suggestion.objects.filter(left=ada.pk, kind=1).exists()  # for those who see both


def test_an_answer_about_a_hidden_record_says_nothing(cast, ada, signed_in):
    stranger = crm.user("Stranger")
    send(signed_in(stranger), "/people/new/", **ADA, another=ada.pk)
    assert said(ada) == {}


@pytest.mark.parametrize("field", ["emails", "company"])
def test_nobody_finds_a_record_by_a_field_hidden_from_them(cast, ada, signed_in, field):
    typed = {"emails": MAIL, "company": {"given_name": "Ada", "company": ada.company_id}}[field]
    assert "Ada Lovelacing" in asked(signed_in(cast.owner), **(ADA | typed))
    FieldRight.objects.create(role=cast.owner.role, kind="contacts.person", field=field, right="hidden")
    client = signed_in(type(cast.owner).objects.get(pk=cast.owner.pk))
    assert "Ada Lovelacing" not in asked(client, **typed)
    told = asked(client, **(ADA | typed))
    assert "e-mail" not in told if field == "emails" else "employer" not in told


# Saving


def test_a_clear_duplicate_comes_back_once_with_what_to_say(client, ada):
    response = send(client, "/people/new/", **ADA, **MAIL)
    assert response.status_code == 422
    assert everybody().filter(family_name="Lovelacing").count() == 1
    text = response.content.decode()
    assert "this looks like a record that is there already" in text
    assert 'name="save_as" value="another"' in text
    again = filled(response, "given_name", save_as="another")  # without JavaScript
    assert client.post("/people/new/", again).status_code == 302
    [twin] = everybody().filter(family_name="Lovelacing").exclude(pk=ada.pk)
    assert said(ada) == {"not_same": twin.pk}
    delivering.deliver()
    assert Suggestion.objects.get(left=ada.pk, right=twin.pk).cluster is None


@pytest.mark.parametrize(("answer", "state"), [("another", "not_same"), ("later", "later")])
def test_an_answer_goes_with_the_save(client, ada, answer, state):
    assert send(client, "/people/new/", **ADA, **MAIL, **{answer: ada.pk}).status_code == 302
    twin = everybody().order_by("-pk").first()
    assert said(ada) == {state: twin.pk}
    delivering.deliver()
    assert said(ada) == {state: twin.pk}


def test_the_quick_form_comes_back_too(client, ada):
    response = send(client, "/people/quick/", **ADA, email="ada@kobelt.example")
    assert response.status_code == 422
    assert "Looks like" in response.content.decode()


def test_a_change_asks_only_when_it_makes_a_duplicate(client, cast, ada):
    twin = contacts.person(cast.owner, **ADA, emails=["ada@kobelt.example"])
    other = contacts.person(cast.owner, given_name="Zebedee", family_name="Nobodying")
    assert send(client, f"/people/{twin.pk}/edit/", notes="Rang").status_code == 302
    mail = {"emails-0-address": "ada@kobelt.example"}
    held = send(client, f"/people/{other.pk}/edit/", **ADA, **mail)
    assert held.status_code == 422
    assert client.post(f"/people/{other.pk}/edit/", filled(held, "given_name", save_as="another")).status_code == 302
    assert send(client, f"/people/{other.pk}/edit/", job_title="Boss").status_code == 302  # it was answered


def test_a_company_that_is_there_comes_back_as_well(client, cast, ada):
    contacts.company(cast.owner, name="Hoffmann Systems GmbH", website="https://hoffmannsystems.example")
    typed = {"name": "Hoffmann Systems", "website": "www.hoffmannsystems.example"}
    response = send(client, "/companies/new/", having="website", **typed)
    assert response.status_code == 422
    assert everybody(Company).filter(name__startswith="Hoffmann").count() == 1
