"""The administrator's grid: what a role may do, from the next click on, and never more than it sees."""

import pytest
from django.test import Client

from crm.access import ACTIONS, install_grants
from crm.models import Grant, Role
from tests.factories import contacts, crm
from tests.forms import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(crm.user("Ada", role="administrator"))
    return client


def role(key="rep"):
    return Role.objects.get(key=key)


def page_of(one):
    return f"/settings/roles/{one.pk}/"


def save(client, one, **changes):
    return client.post(page_of(one), filled(client.get(page_of(one)), "name", **changes))


def cell(kind, action):
    return f"{kind}:{action}"


def scopes(one, kind):
    return dict(one.grants.filter(kind=kind).values_list("action", "scope"))


def test_a_right_counts_from_the_next_click(admin):
    bo = crm.user("Bo")
    theirs = contacts.person(crm.user("Cy", team=crm.team("Abroad")))
    browser = Client()
    browser.force_login(bo)
    assert browser.get(f"/people/{theirs.pk}/").status_code == 404
    assert save(admin, role(), **{cell("contacts.person", "view"): "all"}).status_code == 302
    assert browser.get(f"/people/{theirs.pk}/").status_code == 200
    save(admin, role(), **{cell("contacts.person", action): "none" for action in ACTIONS})
    assert browser.get("/people/").status_code == 404


@pytest.mark.parametrize("action", ["edit", "trash", "export"])
def test_a_scope_wider_than_view_is_refused_at_its_cell(admin, action):
    before = scopes(role(), "contacts.person")
    response = save(admin, role(), **{cell("contacts.person", action): "all"})
    assert response.status_code == 422
    assert "No further than view: team" in response.content.decode()
    assert scopes(role(), "contacts.person") == before


def test_create_may_reach_further_than_view(admin):
    assert save(admin, role(), **{cell("contacts.person", "create"): "all"}).status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"contacts.person:view": "everything"},
        {"contacts.person:view": ""},
        {"crm.administration:view": "team"},
        {"crm.history:view": "own"},
        {"name": ""},
        {"name": "MANAGER"},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_saved(admin, changes):
    before = list(Grant.objects.order_by("pk").values_list("pk", "scope"))
    assert save(admin, role(), **changes).status_code == 422
    assert list(Grant.objects.order_by("pk").values_list("pk", "scope")) == before


def test_administrators_go_on_administering(admin):
    one = role("administrator")
    assert save(admin, one, **{cell("crm.administration", "view"): "none"}).status_code == 422
    assert scopes(one, "crm.administration") == {"view": "all"}
    assert admin.get("/settings/").status_code == 200


def test_another_role_may_administer_too(admin):
    bo = crm.user("Bo", role="manager")
    save(admin, role("manager"), **{cell("crm.administration", "view"): "all"})
    browser = Client()
    browser.force_login(bo)
    assert browser.get("/settings/users/").status_code == 200


def test_a_grid_opened_before_somebody_elses_change_is_refused_and_says_what_differs(admin):
    opened = filled(admin.get(page_of(role())), "name", **{cell("contacts.person", "view"): "all"})
    save(admin, role(), **{cell("contacts.company", "view"): "own"})
    response = admin.post(page_of(role()), opened)
    assert response.status_code == 422
    page = response.content.decode()
    assert "Saved now: Own" in page
    assert "Saved now: Team" in page
    assert scopes(role(), "contacts.company")["view"] == "own"
    assert scopes(role(), "contacts.person")["view"] == "team"


def test_a_grid_sent_twice_is_no_contradiction(admin):
    body = filled(admin.get(page_of(role())), "name", **{cell("contacts.person", "view"): "all"})
    assert [admin.post(page_of(role()), body).status_code for _turn in range(2)] == [302, 302]


def test_what_was_taken_away_stays_away_when_the_site_is_upgraded(admin):
    save(admin, role(), **{cell("contacts.person", action): "none" for action in ACTIONS})
    install_grants()
    assert set(scopes(role(), "contacts.person").values()) == {"none"}


def test_only_what_changed_is_written(admin):
    before = {grant.pk: grant.scope for grant in Grant.objects.all()}
    save(admin, role(), **{cell("contacts.person", "export"): "none"})
    after = {grant.pk: grant.scope for grant in Grant.objects.all()}
    assert set(before) == set(after)
    assert [after[pk] for pk in before if before[pk] != after[pk]] == ["none"]


def test_a_second_step_is_switched_on_and_off(admin):
    save(admin, role(), mfa_required="on")
    assert role().mfa_required
    body = filled(admin.get(page_of(role())), "name")
    del body["mfa_required"]
    admin.post(page_of(role()), body)
    assert not role().mfa_required


# Roles of the firm's own


def make(client, name="Inside sales", like="rep"):
    url = "/settings/roles/new/"
    return client.post(url, filled(client.get(url), "name", name=name, like=role(like).pk))


def test_a_role_is_made_as_a_copy_and_goes_its_own_way(admin):
    response = make(admin)
    made = role("inside-sales")
    assert response["Location"] == page_of(made)
    assert scopes(made, "contacts.person") == scopes(role(), "contacts.person")
    save(admin, made, name="Inner sales", **{cell("contacts.person", "view"): "all"})
    assert role("inside-sales").name == "Inner sales"
    assert scopes(role(), "contacts.person")["view"] == "team"


@pytest.mark.parametrize(("name", "key"), [("Rep", "rep-2"), ("売上", "role"), ("x" * 60, "x" * 40)])
def test_a_key_is_always_free(admin, name, key):
    assert make(admin, name).status_code == 302
    assert Role.objects.filter(key=key).exists()


@pytest.mark.parametrize("name", ["", "sales REP", "x" * 61])
def test_a_role_has_a_name_of_its_own(admin, name):
    assert make(admin, name).status_code == 422
    assert Role.objects.count() == 6


def remove(client, one):
    return client.post(f"{page_of(one)}removal/", follow=True).content.decode()


def test_an_own_role_nobody_has_is_removed(admin):
    make(admin)
    assert "Inside sales is removed." in remove(admin, role("inside-sales"))
    assert not Role.objects.filter(key="inside-sales").exists()


def test_a_role_somebody_has_or_that_came_with_the_site_stays(admin):
    make(admin)
    crm.user("Bo", role="inside-sales", is_active=False)
    assert "Users still have the role" in remove(admin, role("inside-sales"))
    assert "comes with the site" in remove(admin, role("auditor"))
    assert Role.objects.count() == 7


def test_all_roles_stand_side_by_side(admin):
    page = admin.get("/settings/roles/").content.decode()
    assert page.count('<th scope="row">') == 6
    assert "everything else own" in page
