"""The bar over a history: what is logged stands there at once, on the person's page and on the company's."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import making


@pytest.fixture
def whom():
    return making.person(company=making.company())


def history(page):
    return page.get_by_role("region", name="History")


def log(page, said):
    page.get_by_label("What was said").fill(said)
    page.get_by_role("button", name="Log", exact=True).click()


def test_a_call_stands_in_the_history_without_a_new_page(rep, whom):
    rep.goto(making.path(whom))
    rep.evaluate("window.isSamePage = true")
    log(rep, "Wants a price for two sites")
    expect(history(rep).locator(".event").first).to_contain_text("Wants a price for two sites")
    assert rep.evaluate("window.isSamePage")
    expect(rep.get_by_label("What was said")).to_have_value("")


def test_the_next_call_can_be_typed_at_once(rep, whom):
    rep.goto(making.path(whom))
    field = rep.get_by_label("What was said")
    field.focus()
    rep.keyboard.type("First")
    rep.keyboard.press("Enter")
    expect(history(rep)).to_contain_text("First")
    rep.keyboard.type("Second")
    rep.keyboard.press("Enter")
    expect(history(rep).locator(".event").first).to_contain_text("Second")


def test_what_is_logged_on_a_company_stands_there(rep, whom):
    rep.goto(making.path(whom.company))
    log(rep, "Spoke to the desk")
    expect(history(rep).locator(".event").first).to_contain_text("Spoke to the desk")


def test_a_day_to_follow_up_is_a_task_at_once_and_on_my_day(rep, whom):
    said = making.unique("Send the contract ")
    rep.goto(making.path(whom))
    rep.get_by_label("What was said").fill(said)
    rep.get_by_label("Follow up").fill(str(timezone.localdate(timezone=making.zone()) + timedelta(days=1)))
    rep.get_by_role("button", name="Log", exact=True).click()
    upcoming = rep.locator(".panel", has=rep.get_by_role("heading", name="Upcoming"))
    expect(upcoming).to_contain_text(said)
    expect(upcoming).to_contain_text("Tomorrow")
    rep.goto("/")
    expect(rep.locator(".panel", has=rep.get_by_role("heading", name="Next", exact=True))).to_contain_text(said)


def test_one_press_on_tomorrow_sets_the_day(rep, whom):
    rep.goto(making.path(whom))
    rep.get_by_label("What was said").fill("Calls back")
    rep.get_by_role("button", name="Tomorrow").click()
    tomorrow = timezone.localdate(timezone=making.zone()) + timedelta(days=1)
    expect(rep.get_by_label("Follow up")).to_have_value(str(tomorrow))


def test_what_was_wrong_stays_with_the_reason(rep, whom):
    rep.goto(making.path(whom))
    rep.get_by_label("What was said").fill("Kept as typed")
    rep.get_by_label("Next step").fill("Visit")
    rep.get_by_role("button", name="Log", exact=True).click()
    expect(history(rep)).to_contain_text("Which day?")
    expect(rep.get_by_label("What was said")).to_have_value("Kept as typed")
    expect(rep.get_by_label("Next step")).to_have_value("Visit")


def test_two_presses_log_one_call(rep, whom):
    rep.goto(making.path(whom))
    rep.get_by_label("What was said").fill("Said once")
    rep.get_by_role("button", name="Log", exact=True).dblclick()
    expect(history(rep).locator(".event", has_text="Said once")).to_have_count(1)
    rep.reload()
    expect(history(rep).locator(".event", has_text="Said once")).to_have_count(1)


def test_a_note_is_no_contact_and_a_call_is(rep, whom):
    facts = rep.get_by_role("complementary", name="Key facts")
    rep.goto(making.path(whom))
    rep.get_by_label("Kind").select_option("Note")
    log(rep, "Plays the cello")
    expect(history(rep)).to_contain_text("Plays the cello")
    rep.reload()
    expect(facts).to_contain_text("Never")
    log(rep, "Spoke at last")
    expect(history(rep)).to_contain_text("Spoke at last")
    rep.reload()
    expect(facts).to_contain_text("Today")
