import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from crm.models import User
from tests.crm.conftest import PASSWORD

PAGE = "/account/"


@pytest.fixture
def signed_in(client, rep):
    client.post("/accounts/login/", {"login": rep.email, "password": PASSWORD})
    return client


def changes(**given):
    return {"given_name": "Inga", "family_name": "Sol", "timezone": "Europe/Oslo", "theme": "dark"} | given


def test_users_change_what_they_say_about_themselves(signed_in, rep):
    assert signed_in.post(PAGE, changes())["Location"] == PAGE
    rep.refresh_from_db()
    assert (rep.given_name, rep.timezone, rep.theme) == ("Inga", "Europe/Oslo", "dark")


@pytest.mark.parametrize("given", [{"timezone": "Mars/Olympus"}, {"theme": "pink"}, {"given_name": "x" * 81}])
def test_a_wrong_entry_changes_nothing(signed_in, rep, given):
    assert signed_in.post(PAGE, changes(**given)).status_code == 422
    rep.refresh_from_db()
    assert rep.given_name == "Ingrid"


@pytest.mark.parametrize("name", ["email", "role", "team", "is_active", "password"])
def test_nothing_else_about_oneself_can_be_set(signed_in, rep, name):
    before = getattr(rep, name)
    signed_in.post(PAGE, changes(**{name: "1"}))
    rep.refresh_from_db()
    assert getattr(rep, name) == before


def test_htmx_gets_the_form_alone(signed_in):
    response = signed_in.post(PAGE, changes(theme="pink"), HTTP_HX_REQUEST="true")
    assert response.status_code == 422
    assert response.content.lstrip().startswith(b"<div")


@pytest.mark.parametrize(
    ("before", "sent", "after"),
    [
        ("", {"theme": "dark"}, "dark"),
        ("light", {}, "dark"),
        ("dark", {}, "light"),
        ("dark", {"theme": "system"}, ""),
    ],
)
def test_the_theme_is_one_press_away(signed_in, rep, before, sent, after):
    User.objects.update(theme=before)
    response = signed_in.post("/account/theme/", {"next": "/account/", **sent})
    assert response["Location"] == "/account/"
    rep.refresh_from_db()
    assert rep.theme == after


def test_an_unknown_theme_is_refused(signed_in):
    assert signed_in.post("/account/theme/", {"theme": "pink"}).status_code == 400


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_stays_on_our_site(signed_in, url):
    assert signed_in.post("/account/theme/", {"next": url}, HTTP_REFERER=url)["Location"] == "/"


def test_signing_out_everywhere_ends_every_session_of_this_user_alone(signed_in, rep, make_user):
    elsewhere, other = Client(), Client()
    elsewhere.post("/accounts/login/", {"login": rep.email, "password": PASSWORD})
    colleague = make_user("other@firm.example")
    other.post("/accounts/login/", {"login": colleague.email, "password": PASSWORD})
    signed_in.post("/account/sessions/end/")
    assert [client.get(PAGE).status_code for client in (signed_in, elsewhere, other)] == [302, 302, 200]
    assert list(UserSession.objects.values_list("user", flat=True)) == [colleague.pk]


def test_the_page_shows_where_one_is_signed_in(signed_in):
    page = signed_in.get(PAGE).content.decode()
    assert "127.0.0.1" in page
    assert "this one" in page


@pytest.mark.parametrize("given", ["1e400", "account", "//elsewhere.example/", "https://a.example/", "http", ""])
def test_the_way_back_from_a_change_of_theme_leads_to_a_page_of_ours(signed_in, given):
    response = signed_in.post("/account/theme/", {"next": given})
    assert (response.status_code, response["Location"]) == (302, "/")
