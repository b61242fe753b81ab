"""The worklist of duplicates by keyboard, by hand, and without JavaScript."""

import re

from playwright.sync_api import expect

from contacts.models import Person
from crm import duplicates
from tests.browser import making

URL = "/quality/duplicates/"


def twins(name):
    """Write two records of one person and have them found; give the name, which no other test has."""
    given, family = name.split()
    for _number in range(2):
        pk = making.person(given, family, emails=[f"{given}@{family}.example".lower()]).pk
        duplicates.match(Person, [pk])
    return name


def test_keys_act_on_the_entry_that_has_the_focus_and_lead_to_the_next(rep):
    name = twins("Torvald Eikenes")
    rep.goto(URL)
    entry = rep.locator(".dup", has_text=name)
    before = rep.locator(".dup").count()
    rep.keyboard.press("s")  # nothing has the focus: nothing is answered
    rep.keyboard.press("l")
    expect(rep.locator(".dup")).to_have_count(before)
    rep.keyboard.press("j")
    expect(rep.locator(".dup:focus-within")).to_have_count(1)
    entry.get_by_role("link", name=name).first.focus()
    rep.keyboard.press("n")
    expect(rep.get_by_role("button", name="Undo")).to_be_visible()
    expect(entry).to_have_count(0)
    rep.get_by_role("button", name="Undo").click()
    expect(rep.locator(".dup", has_text=name)).to_have_count(1)


def test_after_an_answer_the_focus_is_on_the_entry_that_follows(rep):
    twins("Ragnhild Bjornstad")
    twins("Sigrid Holmqvist")
    rep.goto(URL)
    following = rep.locator(".dup").nth(1).get_attribute("id")
    rep.keyboard.press("j")
    rep.keyboard.press("l")
    expect(rep.locator(f"#{following}")).to_be_focused()


def test_o_opens_the_record_and_n_outside_an_entry_is_a_new_one(rep):
    twins("Petter Vangsnes")
    rep.goto(URL)
    rep.keyboard.press("n")
    expect(rep.locator(".menu[open] .menu-item").first).to_be_visible()
    rep.keyboard.press("Escape")
    rep.keyboard.press("?")
    keys = rep.get_by_role("dialog", name="Keyboard shortcuts")
    for words in ("Same", "Not the same", "Later", "Open the record"):
        expect(keys.get_by_text(words, exact=True)).to_be_visible()
    rep.keyboard.press("Escape")
    rep.locator(".dup .name a").first.focus()
    rep.keyboard.press("o")
    rep.wait_for_url(re.compile(r"/(people|companies)/\d+/$"))


def test_it_works_without_javascript_on_a_phone(visit):
    name = twins("Gunnhild Aasen")
    page = visit("rep", java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto(URL)
    entry = page.locator(".dup", has_text=name)
    expect(entry.locator("svg rect").first).to_be_visible()
    entry.get_by_role("button", name="Not the same").click()
    expect(page.get_by_text("Noted as not the same")).to_be_visible()
    page.goto(f"{URL}?state=answered")
    row = page.locator("tr", has_text=name)
    row.get_by_role("button", name="Take back").click()
    page.goto(URL)
    expect(page.locator(".dup", has_text=name)).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
