"""With a thumb on a phone: the same work, nothing out of reach."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import making


@pytest.fixture
def phone(visit):
    return visit("rep", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)


def test_the_list_is_narrowed(phone):
    phone.goto("/people/")
    phone.get_by_role("link", name="Filter", exact=True).tap()
    phone.locator("form[data-filter]").get_by_label("Customer", exact=True).check()
    phone.locator("form[data-filter]").get_by_role("button", name="Show").tap()
    expect(phone.locator(".chip", has_text="Stage")).to_contain_text("Customer")
    phone.get_by_role("link", name="Remove filter Stage").tap()
    expect(phone.locator(".chip", has_text="Stage")).to_have_count(0)


def test_a_call_is_logged_on_a_person_with_what_comes_next(phone):
    whom = making.person()
    phone.goto(making.path(whom))
    phone.get_by_label("What was said").tap()
    phone.keyboard.type("Wants two pallets")
    phone.get_by_label("Outcome").select_option("Reached")
    phone.get_by_role("button", name="In a week").tap()
    phone.get_by_role("button", name="Log", exact=True).tap()
    expect(phone.get_by_role("region", name="History").locator(".event").first).to_contain_text("Wants two pallets")
    expect(phone.locator(".todo", has_text="Wants two pallets")).to_be_visible()


def test_a_call_is_logged_from_anywhere_without_scrolling(phone):
    whom = making.person(making.unique("Torbjorn"))
    phone.goto("/")
    phone.get_by_role("link", name="Log call", exact=True).tap()
    dialog = phone.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Who").press_sequentially(whom.given_name, delay=20)
    phone.locator(".ts-dropdown [role=option]", has_text=str(whom)).tap()
    for name in ("What was said", "Outcome", "Minutes", "Follow up"):
        expect(dialog.get_by_label(name, exact=True)).to_be_in_viewport()
    dialog.get_by_label("What was said").fill("Calls back")
    dialog.get_by_role("button", name="Log", exact=True).tap()
    expect(phone).to_have_url(re.compile(making.path(whom)))


def test_the_bar_below_leads_everywhere(phone):
    phone.goto("/")
    bar = phone.get_by_role("navigation", name="Sections")
    bar.get_by_role("link", name="Companies").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Companies")
    bar.get_by_text("More").tap()
    bar.get_by_role("link", name="Your account").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Your account")
    bar.get_by_text("More").tap()
    bar.get_by_role("button", name="Sign out").tap()
    expect(phone).to_have_url(re.compile("/accounts/login/"))
