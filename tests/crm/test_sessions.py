"""Where one is signed in: shown, and ended from elsewhere; each holds from the next request on."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from crm.accounts import sessions_of
from tests.crm.conftest import PASSWORD
from tests.crm.second_steps import is_signed_in, password

PAGE = "/account/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def here(client, rep):
    password(client, rep)
    return client


@pytest.fixture
def there(rep):
    browser = Client(HTTP_USER_AGENT=FIREFOX, REMOTE_ADDR="192.0.2.7")
    password(browser, rep)
    return browser


def row(browser):
    return UserSession.objects.get(session_key=browser.session.session_key)


def end(client, session):
    return client.post(f"/account/sessions/{session.pk}/end/")


def test_the_page_says_browser_and_address_and_which_is_this_one(here, there):
    page = here.get(PAGE).content.decode()
    assert "Firefox on Windows" in page
    assert "192.0.2.7" in page
    assert page.count("this one") == 1
    assert page.index("this one") < page.index("Firefox on Windows")


def test_all_sessions_are_shown_however_many(here, rep):
    for _ in range(25):
        password(Client(), rep)
    assert here.get(PAGE).content.decode().count('action="/account/sessions/') == 25 + 2


def test_one_session_is_ended_and_no_other(here, there, rep):
    third = Client()
    password(third, rep)
    assert end(here, row(there))["Location"] == PAGE
    assert [is_signed_in(browser) for browser in (here, there, third)] == [True, False, True]


def test_the_session_one_uses_ends_like_signing_out(here):
    assert end(here, row(here))["Location"] == "/accounts/login/"
    assert not is_signed_in(here)


def test_a_session_of_somebody_else_is_missing(here, make_user):
    other = Client()
    password(other, make_user("other@firm.example"))
    assert end(here, row(other)).status_code == 404
    assert is_signed_in(other)
    assert here.post("/account/sessions/999999/end/").status_code == 404


def test_a_link_ends_nothing(here, there):
    assert here.get(f"/account/sessions/{row(there).pk}/end/").status_code == 405
    assert is_signed_in(there)


def test_everywhere_else_leaves_this_one(here, there, make_user):
    other = Client()
    password(other, make_user("other@firm.example"))
    assert here.post("/account/sessions/others/end/")["Location"] == PAGE
    assert [is_signed_in(browser) for browser in (here, there, other)] == [True, False, True]
    assert "Sign out everywhere else" not in here.get(PAGE).content.decode()


def test_a_new_password_ends_the_others_and_their_rows(here, there):
    new = {"oldpassword": PASSWORD, "password1": "a-new-row-of-stones", "password2": "a-new-row-of-stones"}
    here.post("/accounts/password/change/", new)
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert Session.objects.count() == 1


def test_all_of_a_user_end_at_once(here, there, rep):
    assert sessions_of.end_all(rep) == 2
    assert not is_signed_in(here)
    assert not is_signed_in(there)
    assert not UserSession.objects.exists()


def test_what_has_expired_is_not_shown(here, there):
    Session.objects.filter(pk=there.session.session_key).update(expire_date=timezone.now() - timedelta(hours=1))
    assert "Firefox" not in here.get(PAGE).content.decode()


def test_when_and_where_a_session_was_last_seen_is_written_every_few_minutes(rep):
    with time_machine.travel("2026-11-20 09:00+00:00", tick=False) as clock:
        browser = Client(REMOTE_ADDR="192.0.2.7")
        password(browser, rep)
        began = row(browser).last_seen_at
        clock.shift(timedelta(minutes=4))
        browser.get(PAGE)
        assert row(browser).last_seen_at == began
        clock.shift(timedelta(minutes=2))
        browser.get(PAGE, REMOTE_ADDR="198.51.100.1")
        seen = row(browser)
        assert (seen.last_seen_at - began, seen.ip) == (timedelta(minutes=6), "198.51.100.1")


def test_between_that_a_page_costs_no_query_more(here, django_assert_num_queries):
    with django_assert_num_queries(2):
        here.get("/accounts/logout/")
