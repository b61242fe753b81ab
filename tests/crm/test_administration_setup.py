"""The checklist: where the first administrator lands, what counts as done, and how it ends."""

import io

import pytest
from django.core.management import call_command
from django.test import Client

from crm.administration import checklist
from crm.firm import Firm, firm
from crm.models import Role
from tests.factories import crm

pytestmark = pytest.mark.django_db
GOOD = "five-green-Bottles"
LOGIN = {"login": "ada@firm.example", "password": GOOD}


@pytest.fixture
def first(monkeypatch):
    """The administrator of a fresh site, as the command makes them."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}\n"))
    call_command("createadmin", "ada@firm.example", password_stdin=True, stdout=io.StringIO())
    return crm.User.objects.get()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def done(user):
    return {place.step.key for place in checklist.steps(user, firm()) if place.done}


def test_the_first_administrator_lands_on_the_checklist(client, first):
    assert client.post("/accounts/login/", LOGIN)["Location"] == "/settings/"
    page = client.get("/settings/").content.decode()
    assert "Say who you are" in page
    assert "0 of 5" in page


def test_a_page_asked_for_comes_first(client, first):
    assert client.post("/accounts/login/?next=/people/", {**LOGIN, "next": "/people/"})["Location"] == "/people/"


def test_others_land_where_they_work(client, first):
    colleague = crm.user("Rep", email="rep@firm.example")
    colleague.set_password(GOOD)
    colleague.save()
    assert client.post("/accounts/login/", {"login": "rep@firm.example", "password": GOOD})["Location"] == "/"


def test_steps_are_done_by_what_is_there(first):
    assert done(first) == set()
    Firm.objects.update(name="Stones", country="NO")
    assert done(first) == {"firm"}
    crm.team("North")
    assert done(first) == {"firm", "teams"}
    crm.user("Rep")
    assert done(first) == {"firm", "teams", "users"}
    crm.Role.objects.get(key="rep").grants.filter(kind="contacts.person", action="export").update(scope="none")
    assert done(first) == {"firm", "teams", "users", "roles"}


def test_a_role_of_the_firms_own_counts_as_looked_over(first):
    crm.role("Inside sales")
    assert done(first) == {"roles"}


def test_a_step_is_set_aside_and_taken_up_again(first):
    client = signed_in(first)
    client.post("/settings/setup/aside/", {"step": "roles"})
    assert firm().steps_aside == ["roles"]
    assert "Take up again" in client.get("/settings/").content.decode()
    client.post("/settings/setup/aside/", {"step": "roles", "aside": "0"})
    assert firm().steps_aside == []
    client.raise_request_exception = False
    assert client.post("/settings/setup/aside/", {"step": "nothing"}).status_code == 400


@pytest.mark.parametrize("way", ["end", "aside"])
def test_the_list_ends_and_settings_stay(client, first, way):
    other = signed_in(first)
    if way == "end":
        other.post("/settings/setup/end/")
        assert "Say who you are" not in other.get("/settings/").content.decode()
    else:
        for step in checklist.known():
            other.post("/settings/setup/aside/", {"step": step})
    assert "What each role may see" in other.get("/settings/").content.decode()
    assert client.post("/accounts/login/", LOGIN)["Location"] == "/"


def test_a_step_goes_with_its_app(first):
    checklist.register(
        checklist.Step("calls", "Calls", "", "search", "telephone", 5, lambda user: False, "interactions")
    )
    try:
        assert "calls" in {place.step.key for place in checklist.steps(first, firm())}
        Firm.objects.update(apps_off=["interactions"])
        assert "calls" not in {place.step.key for place in checklist.steps(first, firm())}
    finally:
        del checklist._steps["calls"]


def test_settings_stand_in_the_rail_for_administrators_alone(first):
    link = 'href="/settings/"'
    assert link in signed_in(first).get("/people/").content.decode()
    assert link not in signed_in(crm.user("Rep")).get("/people/").content.decode()
    assert Role.objects.count() == 6
