"""Conditions of a list in a browser: written by keyboard alone, with what they say following each change."""

import re

from playwright.sync_api import expect

from tests.browser.following import follow


def test_conditions_are_written_by_keyboard_and_the_sentence_follows(rep):
    rep.goto("/people/")
    follow(rep.get_by_role("link", name="Conditions", exact=True))
    said = rep.locator(".rule-said")
    expect(said).to_contain_text("No condition yet")
    field = rep.get_by_label("Field", exact=True)
    field.focus()
    rep.keyboard.type("Stage")
    rep.keyboard.press("Tab")  # the choice is taken by leaving the field
    box = rep.get_by_label("Customer", exact=True)
    box.focus()
    rep.keyboard.press("Space")
    expect(said).to_have_text("Stage is Customer")
    expect(rep.get_by_label("Customer", exact=True)).to_be_focused()
    rep.get_by_role("button", name="Condition", exact=True).press("Enter")
    expect(field).to_have_count(2)
    field.nth(1).select_option("Calls")
    rep.get_by_label("How many").select_option("has none")
    days = rep.get_by_label("In the last days")
    days.fill("30")
    days.press("Enter")
    expect(rep.locator(".chip--rule")).to_contain_text("Stage is Customer, and has no call in the last 30 days")
    expect(rep).to_have_url(re.compile(r"/people/\?rule="))
    rep.wait_for_load_state()
    assert set(rep.locator("tbody .stage").all_inner_texts()) == {"Customer"}


def test_a_view_is_saved_becomes_a_tab_and_its_removal_is_taken_back(rep):
    rep.goto("/people/?stage=lead")
    follow(rep.get_by_role("link", name="Save view"))
    rep.get_by_label("Name").fill("Fresh leads")
    follow(rep.get_by_role("button", name="Save", exact=True))
    tab = rep.get_by_role("navigation", name="Saved views").get_by_role("link", name="Fresh leads")
    expect(tab).to_have_attribute("aria-current", "page")
    rep.goto("/people/views/")
    follow(rep.get_by_role("button", name="Remove: Fresh leads"))
    expect(rep.locator("main").get_by_role("link", name="Fresh leads")).to_have_count(0)
    follow(rep.get_by_role("button", name="Undo"))
    expect(rep.locator("main").get_by_role("link", name="Fresh leads")).to_have_count(1)
