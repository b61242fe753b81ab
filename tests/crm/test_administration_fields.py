"""The page on which an administrator hides fields from a role, or makes them read-only."""

import pytest

from crm.models import FieldRight, Role
from tests.architecture.conftest import sign_in
from tests.cast import _module_rows, cast, world  # noqa: F401
from tests.forms import filled

pytestmark = pytest.mark.django_db
STAGE, NAME = "contacts.person:stage", "contacts.person:given_name"


@pytest.fixture
def url():
    return f"/settings/roles/{Role.objects.get(key='rep').pk}/fields/"


@pytest.fixture
def admin(world):  # noqa: F811
    return sign_in(world.cast.administrator)


def saved():
    return set(FieldRight.objects.values_list("role__key", "kind", "field", "right"))


def test_what_is_chosen_holds_from_the_next_request_of_whoever_has_the_role(world, admin, url):  # noqa: F811
    rep, page = sign_in(world.cast.owner), f"/people/{world['person'].pk}/"
    assert b"stage" in rep.get(page).content
    form = filled(admin.get(url), STAGE)
    assert admin.post(url, {**form, STAGE: "hidden", NAME: "read_only"}).status_code == 302
    assert saved() == {
        ("rep", "contacts.person", "stage", "hidden"),
        ("rep", "contacts.person", "given_name", "read_only"),
    }
    assert b"<dt>Stage" not in rep.get(page).content
    form = filled(admin.get(url), STAGE)
    assert form[STAGE] == ["hidden"]
    admin.post(url, {**form, STAGE: "", NAME: "read_only"})
    assert saved() == {("rep", "contacts.person", "given_name", "read_only")}


def test_what_a_record_is_told_by_cannot_be_hidden(admin, url):
    answer = admin.post(url, {**filled(admin.get(url), STAGE), NAME: "hidden"})
    assert answer.status_code == 422
    assert saved() == set()


@pytest.mark.parametrize("wrong", ["all", "HIDDEN", "\x00", "hidden " * 50])
def test_what_is_no_right_is_refused(wrong, admin, url):
    assert admin.post(url, {**filled(admin.get(url), STAGE), STAGE: wrong}).status_code == 422
    assert saved() == set()


def test_a_page_opened_before_a_colleagues_save_overwrites_nothing(admin, url):
    stale = filled(admin.get(url), STAGE)
    admin.post(url, {**filled(admin.get(url), STAGE), STAGE: "hidden"})
    assert admin.post(url, {**stale, STAGE: "read_only"}).status_code == 422
    assert saved() == {("rep", "contacts.person", "stage", "hidden")}


def test_a_role_made_like_another_takes_over_its_rights(admin, url):
    admin.post(url, {**filled(admin.get(url), STAGE), STAGE: "hidden"})
    new = filled(admin.get("/settings/roles/new/"), "like", name="Trainee", like=Role.objects.get(key="rep").pk)
    assert admin.post("/settings/roles/new/", new).status_code == 302
    assert {role for role, *_right in saved()} == {"rep", "trainee"}


def test_the_history_tells_who_took_a_field_away(world, admin, url):  # noqa: F811
    admin.post(url, {**filled(admin.get(url), STAGE), STAGE: "hidden"})
    page = sign_in(world.cast.auditor).get("/history/?kind=crm.fieldright").content.decode()
    assert "Sales rep: stage (people)" in page
    assert str(world.cast.administrator) in page
