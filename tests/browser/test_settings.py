"""Settings in a browser: the grid of rights, a hand-over that shows how far it is, an app out of sight."""

import re

import pytest
from playwright.sync_api import expect

from crm import jobs
from crm.administration import services
from crm.firm import Firm
from crm.models import Role, User
from tests.browser import making
from tests.factories import crm


@pytest.fixture
def admin(visit):
    """A page of admin@demo.example."""
    return visit("admin")


def somebody(role="rep"):
    return crm.user(making.unique("Lea"), role=role, team=making.user().team)


def test_a_right_is_changed_in_the_grid_and_one_too_wide_is_told_at_its_cell(admin):
    role = services.create_role(name=making.unique("Role"), like=Role.objects.get(key="rep"))
    admin.goto(f"/settings/roles/{role.pk}/")
    admin.get_by_label("People, export").select_option("All")
    admin.get_by_role("button", name="Save").click()
    row = admin.get_by_role("row", name=re.compile("^People"))
    expect(row.get_by_text("No further than view: team")).to_be_visible()
    admin.get_by_label("People, view").select_option("All")
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text(f"{role.name} saved.")).to_be_visible()
    expect(admin.get_by_label("People, export")).to_have_value("all")
    assert role.grants.get(kind="contacts.person", action="view").scope == "all"


def test_an_invitation_with_an_address_that_is_taken_says_whose_it_is(admin):
    admin.goto("/settings/users/")
    admin.get_by_role("link", name="Invite", exact=True).click()
    admin.get_by_label("E-mail").fill("REP@demo.example")
    admin.get_by_label("Role").select_option("Sales rep")
    admin.get_by_role("button", name="Send the invitation").click()
    expect(admin.get_by_text("Ingrid Solheim has this address already.")).to_be_visible()
    name = making.unique("new").lower()
    admin.get_by_label("E-mail").fill(f"{name}@demo.example")
    admin.get_by_role("button", name="Send the invitation").click()
    expect(admin.get_by_role("link", name=re.compile(name))).to_be_visible()


def test_an_open_page_of_somebody_deactivated_leads_to_the_sign_in(admin, visit):
    leaver = somebody()
    leaver.email = f"{making.unique('x').lower()}@demo.example"
    leaver.save()
    theirs = visit(leaver.email.partition("@")[0])
    theirs.goto("/people/")
    admin.goto(f"/settings/users/{leaver.pk}/")
    admin.get_by_role("button", name="Deactivate").click()
    expect(admin.get_by_text("can sign in no more")).to_be_visible()
    theirs.get_by_role("link", name="Person", exact=True).click()
    expect(theirs).to_have_url(re.compile("/accounts/login/"))


def test_a_hand_over_shows_how_far_it_is(admin):
    leaver = somebody()
    person = making.person()
    person.owner = leaver
    person.save()
    admin.goto(f"/settings/users/{leaver.pk}/")
    admin.get_by_role("link", name="Hand over records").click()
    expect(admin.get_by_role("row", name=re.compile("People"))).to_contain_text("1")
    box = admin.get_by_label("Everything to").first
    box.click()
    box.press_sequentially("Mehmet")
    admin.get_by_role("option", name="Mehmet Kaya").click()
    admin.get_by_role("button", name="Hand over").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("Hand over records")
    expect(admin.locator("#job")).to_contain_text("Waiting")
    jobs.work_off()
    expect(admin.locator("#job")).to_contain_text("Done")
    admin.goto(making.path(person))
    expect(admin.get_by_role("complementary", name="Key facts")).to_contain_text("Mehmet Kaya")


def test_an_app_is_switched_off_and_on_again(admin, visit):
    rep = visit("rep")
    try:
        admin.goto("/settings/apps/")
        admin.get_by_role("switch", name="Calls, meetings and tasks").uncheck()
        admin.get_by_role("button", name="Save").click()
        expect(admin.get_by_text("Saved.")).to_be_visible()
        rep.goto("/")
        expect(rep.get_by_role("heading", level=1)).to_have_text("People")
        expect(rep.get_by_role("link", name="My day")).to_have_count(0)
        rep.keyboard.press("c")
        expect(rep.get_by_role("dialog")).to_have_count(0)
        admin.get_by_role("switch", name="Calls, meetings and tasks").check()
        admin.get_by_role("button", name="Save").click()
        expect(admin.get_by_role("link", name="My day").first).to_be_visible()
    finally:
        Firm.objects.update(apps_off=[])
    rep.goto("/")
    expect(rep.get_by_role("link", name="My day").first).to_be_visible()


def test_settings_work_without_javascript(visit):
    plain = visit("admin", java_script_enabled=False)
    name = making.unique("Team ")
    plain.goto("/settings/teams/new/")
    plain.get_by_label("Name").fill(name)
    plain.get_by_role("button", name="Save").click()
    plain.get_by_role("link", name=name, exact=True).click()
    plain.get_by_role("button", name="Remove").click()
    expect(plain.get_by_text(f"{name} is removed.")).to_be_visible()
    assert User.objects.filter(email="admin@demo.example").exists()
