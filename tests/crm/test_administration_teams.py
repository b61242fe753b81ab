"""Teams: a tree that stays one, and only what is empty is removed."""

import pytest
from django.test import Client

from crm.models import Team
from tests.factories import contacts, crm
from tests.forms import filled
from tests.interactions.test_at_once import side_by_side

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db):
    return crm.user("Ada", role="administrator")


@pytest.fixture
def admin(client, ada):
    client.force_login(ada)
    return client


def send(client, url, **changes):
    return client.post(url, filled(client.get(url), "parent", **changes))


def page_of(team):
    return f"/settings/teams/{team.pk}/"


def path(team):
    return Team.objects.get(pk=team.pk).path


def test_a_team_is_made_below_another(admin):
    sales = crm.team("Sales")
    assert f'value="{sales.pk}" selected' in admin.get(f"/settings/teams/new/?below={sales.pk}").content.decode()
    assert send(admin, "/settings/teams/new/", name=" North  east ", parent=sales.pk).status_code == 302
    made = Team.objects.get(name="North east")
    assert made.path == [sales.pk, made.pk]


def test_a_team_that_moves_takes_those_below_along(admin):
    sales, abroad = crm.team("Sales"), crm.team("Abroad")
    north = crm.team("North", parent=sales)
    oslo = crm.team("Oslo", parent=north)
    send(admin, page_of(north), name="The North", parent=abroad.pk)
    assert path(oslo) == [abroad.pk, north.pk, oslo.pk]
    assert Team.objects.get(pk=north.pk).name == "The North"


def test_a_loop_is_refused(admin):
    sales = crm.team("Sales")
    north = crm.team("North", parent=sales)
    for parent in (north, sales):
        response = send(admin, page_of(sales), parent=parent.pk)
        assert response.status_code == 422
    assert path(north) == [sales.pk, north.pk]


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_close_no_loop(ada):
    one, other = crm.team("One"), crm.team("Other")
    posts = []
    for team, parent in ((one, other), (other, one)):
        browser = Client()
        browser.force_login(ada)
        body = filled(browser.get(page_of(team)), "parent", parent=parent.pk)
        posts.append(lambda browser=browser, team=team, body=body: browser.post(page_of(team), body).status_code)
    assert side_by_side(*posts) == (302, 422)
    assert (path(one), path(other)) == ([other.pk, one.pk], [other.pk])


@pytest.mark.parametrize("name", ["", "SALES", " sales ", "x" * 101])
def test_a_name_is_there_and_new(admin, name):
    crm.team("Sales")
    assert send(admin, "/settings/teams/new/", name=name).status_code == 422
    assert Team.objects.count() == 1


def test_a_stale_form_is_refused(admin):
    north = crm.team("North")
    opened = filled(admin.get(page_of(north)), "parent", name="Mine")
    send(admin, page_of(north), name="Theirs")
    response = admin.post(page_of(north), opened)
    assert response.status_code == 422
    assert "Saved now: Theirs" in response.content.decode()


def remove(client, team):
    return client.post(f"{page_of(team)}removal/", follow=True).content.decode()


def test_an_empty_team_is_removed(admin):
    assert "North is removed." in remove(admin, crm.team("North"))
    assert not Team.objects.exists()


@pytest.mark.parametrize("what", ["users", "teams", "records"])
def test_a_team_that_is_not_empty_stays(admin, what):
    north = crm.team("North")
    user = crm.user("Bo", team=north)
    if what == "teams":
        crm.team("Oslo", parent=north)
    if what == "records":
        contacts.person(user)
    if what != "users":
        user.team = None
        user.save()
    assert "is removed" not in remove(admin, north)
    assert Team.objects.filter(pk=north.pk).exists()


def test_the_tree_shows_how_many_users_each_team_has(admin):
    north = crm.team("North", parent=crm.team("Sales"))
    crm.user("Bo", team=north)
    crm.user("Di", team=north, is_active=False)
    page = admin.get("/settings/teams/").content.decode()
    assert "tree-1" in page
    assert '>1<span class="dim"> / 2</span>' in page
    assert page.index("Sales") < page.index("North")
