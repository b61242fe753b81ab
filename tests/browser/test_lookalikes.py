"""While somebody types a person who is there already, the form says so beside the work, not in its way."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, expect

from contacts.models import Person
from tests.browser import making

NAMES = iter(
    ("Torvald Brask", "Ximena Quiroga", "Dagfinn Ulstein", "Beatrix Holloway", "Piotr Zawadzki", "Noor Haddad")
)


@pytest.fixture
def oda():
    given, family = next(NAMES).split()
    return making.person(given, family, emails=[f"t@{family}.no".lower()])


def enter(form, person):
    form.get_by_label("Given name").fill(person.given_name)
    form.get_by_label("Family name").fill(person.family_name)
    form.locator("[name=emails-0-address], [name=email]").fill(f"t@{person.family_name}.no")


def hint(form):
    return form.locator(".hint--likely")


def people(family):
    return Person.objects.visible_to(making.user()).filter(family_name=family).order_by("pk")


def test_the_hint_comes_while_typing_moves_nothing_and_goes_again(rep, oda):
    rep.goto("/people/new/")
    places = [rep.get_by_label(name) for name in ("Given name", "Job title")] + [rep.get_by_role("button", name="Save")]
    before = [place.bounding_box() for place in places]
    enter(rep, oda)
    expect(hint(rep)).to_contain_text(f"Looks like {oda}")
    expect(hint(rep)).to_contain_text("same e-mail")
    assert [place.bounding_box() for place in places] == before
    expect(hint(rep).get_by_role("link", name="Open it")).to_have_attribute("rel", "noopener")
    for field in ("[name=given_name]", "[name=family_name]", "[name=emails-0-address]"):
        rep.locator(field).fill("")
    expect(hint(rep)).to_have_count(0)


def test_it_is_another_hides_the_hint_lets_the_work_go_on_and_is_kept(rep, oda):
    rep.goto("/people/new/")
    enter(rep, oda)
    hint(rep).get_by_label("It is another").check()
    expect(hint(rep)).to_have_count(0)
    expect(rep.locator("[name=emails-0-address]")).to_be_focused()
    rep.get_by_role("button", name="Save", exact=True).click()
    expect(rep).to_have_url(re.compile(r"/people/\d+/$"))
    assert people(oda.family_name).count() == 2


def test_whoever_overlooks_it_is_asked_once_in_the_dialog_too(rep, oda):
    rep.goto("/")
    rep.keyboard.press("n")
    rep.get_by_role("link", name="Person", exact=True).click()
    dialog = rep.get_by_role("dialog")
    enter(dialog, oda)
    expect(hint(dialog)).to_be_visible()
    rep.keyboard.press("Control+Enter")
    expect(dialog).to_contain_text("Nothing was saved yet")
    dialog.get_by_role("button", name="Save as another").click()
    expect(rep.get_by_role("heading", level=1)).to_have_text(str(oda))
    assert people(oda.family_name).count() == 2


def test_an_older_answer_never_stands_over_a_newer_one(rep, oda):
    held = []
    rep.route("**/people/likely/", lambda route: held.append(route) if not held else route.continue_())
    rep.goto("/people/new/")
    enter(rep, oda)
    rep.wait_for_timeout(900)
    assert held
    for field in ("[name=given_name]", "[name=family_name]", "[name=emails-0-address]"):
        rep.locator(field).fill("")
    rep.wait_for_timeout(900)
    with suppress(Error):  # the browser has given the request up already
        held[0].continue_()
    rep.wait_for_timeout(600)
    expect(hint(rep)).to_have_count(0)


def test_without_scripts_the_form_comes_back_with_what_to_say(visit, oda):
    page = visit("rep", java_script_enabled=False)
    page.goto("/people/new/")
    enter(page, oda)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(f"Looks like {oda}")
    page.get_by_label("Merge later").check()
    page.get_by_role("button", name="Save as another").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(str(oda))
    assert people(oda.family_name).count() == 2
