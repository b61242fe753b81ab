"""Apps on and off: what is off is out of sight for everybody, and nothing in it is lost."""

import pytest
from django.test import Client

from crm.access import Access
from crm.checks import url_map
from crm.firm import Firm
from crm.models import User
from interactions.models import Interaction, Task
from tests.architecture.conftest import no_hurry, sign_in  # noqa: F401
from tests.architecture.pages import INTERACTIONS
from tests.cast import _module_rows, cast, world  # noqa: F401
from tests.forms import filled

pytestmark = pytest.mark.django_db
PAGE = "/settings/apps/"
GONE = (b"My day", b"Log call", b"/calls/new/", b"/tasks/new/", b"/meetings/new/", b"What was said", b"Spoke about")


@pytest.fixture
def without_talks(world):  # noqa: F811
    Firm.objects.update(apps_off=["interactions"])
    return world


def signed_in(cast):  # noqa: F811
    return [(member.name, sign_in(member.user)) for member in cast if member.name != "anonymous"]


def urls_of_talks(world):  # noqa: F811
    routes = [*INTERACTIONS, "people/<id:pk>/log/", "companies/<id:pk>/log/"]
    records = {"people": "person", "companies": "company"}
    for route in routes:
        name = records.get(route.split("/")[0]) or INTERACTIONS[route].record
        yield f"/{route}".replace("<id:pk>", str(world[name].pk) if name else "")


def test_every_address_of_the_app_is_in_this_test():
    ours = {route for route, pattern in url_map() if pattern.callback.__module__.startswith("interactions")}
    ours |= {route for route, pattern in url_map() if "interactions" in getattr(pattern.callback, "permission", "")}
    assert ours == {*INTERACTIONS, "people/<id:pk>/log/", "companies/<id:pk>/log/", ""}


def test_every_address_of_an_app_that_is_off_answers_404(without_talks):
    wrong = [
        (name, method, url)
        for name, client in signed_in(without_talks.cast)
        for url in urls_of_talks(without_talks)
        for method in ("get", "post")
        if getattr(client, method)(url).status_code != 404
    ]
    assert wrong == []


def test_the_first_page_leads_to_the_first_section(without_talks):
    assert {client.get("/")["Location"] for _name, client in signed_in(without_talks.cast)} == {"/people/"}


def test_pages_of_people_and_companies_work_and_say_nothing_of_it(without_talks):
    person, company = without_talks["person"], without_talks["company"]
    urls = ["/people/", "/companies/", f"/people/{person.pk}/", f"/companies/{company.pk}/", "/search/?q=ngozi"]
    for name, client in signed_in(without_talks.cast):
        for url in urls:
            response = client.get(url)
            assert response.status_code in (200, 404), (name, url)
            assert [words for words in GONE if words in response.content] == [], (name, url)


def test_with_the_app_on_they_do(world):  # noqa: F811
    content = sign_in(world.cast.owner).get(f"/people/{world['person'].pk}/").content
    assert [words for words in GONE if words not in content] == []


def test_back_on_nothing_is_lost(world):  # noqa: F811
    client, admin = sign_in(world.cast.owner), sign_in(world.cast.administrator)
    url = f"/people/{world['person'].pk}/"
    before = Interaction.objects.unscoped(because="a test").count(), Task.objects.unscoped(because="a test").count()
    assert b"Spoke about" in client.get(url).content
    admin.post(PAGE, {"was_on": "interactions"})
    assert b"Spoke about" not in client.get(url).content
    assert client.get("/tasks/new/").status_code == 404
    admin.post(PAGE, {"on": "interactions"})
    assert b"Spoke about" in client.get(url).content
    assert client.get("/tasks/new/").status_code == 200
    assert before == (
        Interaction.objects.unscoped(because="a test").count(),
        Task.objects.unscoped(because="a test").count(),
    )


def test_only_what_can_be_switched_is_offered(world):  # noqa: F811
    admin = sign_in(world.cast.administrator)
    assert filled(admin.get(PAGE), "on")["on"] == ["interactions"]
    admin.post(PAGE, {})
    assert Firm.objects.get().apps_off == [], "only what was switched changes"
    for label in ("crm", "contacts", "nothing"):
        assert admin.post(PAGE, {"on": ["interactions", label]}).status_code == 400
    assert Firm.objects.get().apps_off == []


def test_an_access_without_the_app_reaches_none_of_its_records():
    user = User(pk=1, is_active=True)
    user.granted = [{"kind": "interactions.task", "action": "view", "scope": "all"}]
    user.seen_teams, user.apps_off, user.restricted, user.shared, user.viewed = [], ["interactions"], [], [], []
    access = Access.of(user)
    assert (access.scope("interactions.task", "view"), access.is_on("contacts")) == ("none", True)


def test_a_stranger_is_sent_to_the_sign_in_page_all_the_same(without_talks):
    assert Client().get("/tasks/new/").status_code == 302
