"""Lists: filters as chips, order by heads, columns to choose, pages, and the way back."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import making
from tests.browser.following import follow


@pytest.fixture
def people(rep):
    rep.goto("/people/")
    return rep


def names(page):
    return page.locator("tbody .name .cut").all_inner_texts()


def head(page, name):
    return page.get_by_role("columnheader", name=name)


def filter_by(page, act):
    page.get_by_role("link", name="Filter", exact=True).click()
    act(page)
    follow(page.locator("form[data-filter]").get_by_role("button", name="Show"))


def test_a_filter_becomes_a_chip_and_leaves_with_its_cross(people):
    filter_by(people, lambda page: page.locator("form[data-filter]").get_by_label("Customer", exact=True).check())
    chip = people.locator(".chip", has_text="Stage")
    expect(chip).to_contain_text("Customer")
    assert set(people.locator("tbody .stage").all_inner_texts()) == {"Customer"}
    follow(people.get_by_role("link", name="Remove filter Stage"))
    expect(chip).to_have_count(0)
    assert set(people.locator("tbody .stage").all_inner_texts()) - {"Customer"}, "the others are shown again"


def test_filters_add_up_and_only_the_chosen_one_stands_in_the_address(people):
    filter_by(people, lambda page: page.locator("form[data-filter]").get_by_label("Customer", exact=True).check())
    filter_by(
        people,
        lambda page: page.locator("form[data-filter]").get_by_label("Next activity").select_option("None planned"),
    )
    expect(people.locator(".chip:has(.x)")).to_have_count(2)
    assert "country" not in people.url
    follow(people.get_by_role("link", name="Remove filter Next activity"))
    expect(people.locator(".chip:has(.x)")).to_have_text([re.compile("Stage")])


def test_a_company_is_chosen_as_filter_by_typing(rep):
    firm = making.company()
    somebody = making.person(company=firm)
    rep.goto("/people/")
    rep.get_by_role("link", name="Filter", exact=True).click()
    rep.locator(".ts-control").get_by_role("combobox", name="Company").press_sequentially(firm.name[:-1], delay=20)
    rep.locator(".ts-dropdown").get_by_role("option", name=re.compile(firm.name)).click()
    follow(rep.locator("form[data-filter]").get_by_role("button", name="Show"))
    expect(rep.locator(".chip", has_text="Company")).to_contain_text(firm.name)
    assert names(rep) == [str(somebody)]


def test_a_filter_that_fits_nobody_keeps_its_chip_and_offers_the_way_back(rep):
    rep.goto("/people/?q=qqqqzzzz")
    expect(rep.get_by_text("Nothing matches")).to_be_visible()
    expect(rep.locator(".chip", has_text="qqqqzzzz")).to_be_visible()
    rep.get_by_role("link", name="Clear filters").click()
    expect(rep.locator("tbody tr").first).to_be_visible()


def test_a_press_on_a_head_orders_and_another_turns_it_round(people):
    follow(head(people, "Name").get_by_role("link"))
    expect(head(people, "Name")).to_have_attribute("aria-sort", "ascending")
    first = names(people)
    follow(head(people, "Name").get_by_role("link"))
    expect(head(people, "Name")).to_have_attribute("aria-sort", "descending")
    assert names(people)[0] != first[0]


@pytest.mark.parametrize("key", ["name", "last_contacted", "next_activity", "created", "changed"])
def test_pages_follow_one_another_without_gap_or_repetition(rep, key):
    rep.goto(f"/people/?sort={key}")
    seen = []
    while True:
        seen += rep.locator("tbody .name a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        if not rep.get_by_role("link", name="Next page").count():
            break
        follow(rep.get_by_role("link", name="Next page"))
    assert len(seen) == len(set(seen)) > 50
    follow(rep.get_by_role("link", name="Previous page"))
    expect(rep.locator("tbody tr")).to_have_count(50)


def test_columns_are_chosen_and_stay_while_filtering(people):
    people.locator("summary", has_text="Columns").click()
    people.locator("form[data-columns]").get_by_label("E-mail", exact=True).check()
    people.locator("form[data-columns]").get_by_role("button", name="Show").click()
    expect(head(people, "E-mail")).to_be_visible()
    filter_by(people, lambda page: page.locator("form[data-filter]").get_by_label("Lead", exact=True).check())
    expect(head(people, "E-mail")).to_be_visible()
    expect(people.locator(".chip", has_text="Stage")).to_be_visible()


def test_saved_views_are_tabs(people):
    tabs = people.get_by_role("navigation", name="Saved views")
    follow(tabs.get_by_role("link", name="Mine"))
    expect(tabs.locator("[aria-current=page]")).to_have_text("Mine")
    rows = people.locator("tbody tr")
    expect(rows.filter(has_text="Ingrid S.")).to_have_count(rows.count())


def test_the_way_back_leads_to_the_list_as_it_was(rep):
    rep.goto("/people/?stage=customer&sort=name")
    before = names(rep)
    follow(rep.locator("tbody .name a").nth(2))
    expect(rep.get_by_role("heading", level=1)).to_have_text(before[2])
    rep.go_back()
    expect(rep.locator(".chip", has_text="Stage")).to_be_visible()
    expect(rep.locator("tbody .name .cut")).to_have_text(before)


def test_the_way_back_after_older_history_was_read(rep):
    from contacts.models import Company

    busy = Company.objects.visible_to(making.user()).filter(name__startswith="Nordlys Energi").first()
    rep.goto("/companies/")
    rep.goto(making.path(busy))
    entries = rep.locator(".timeline .event")
    shown = entries.count()
    if rep.get_by_role("link", name="Older").count():
        rep.get_by_role("link", name="Older").click()
        expect(entries.nth(shown)).to_be_visible()
    rep.go_back()
    expect(rep.get_by_role("heading", level=1)).to_have_text("Companies")
    rep.go_forward()
    expect(rep.get_by_role("heading", level=1)).to_have_text(busy.name)


def test_what_is_exported_is_what_is_shown(rep):
    firm = making.company()
    shown = making.person(company=firm)
    rep.goto(f"/people/?company={firm.pk}&columns=name&columns=company")
    rep.get_by_text("Export view").click()
    with rep.expect_download() as download:
        rep.get_by_role("link", name="As CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines == ["Name,Company", f"{shown},{firm.name}"]


def test_a_new_rep_is_told_what_the_page_is_for(visit):
    page = visit("newrep")
    page.goto("/people/")
    expect(page.get_by_text("Nobody here yet")).to_be_visible()
    page.get_by_role("link", name="Add a person").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New person")
