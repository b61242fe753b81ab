"""The same work in a browser that runs no script: forms, links and full pages."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contacts.models import Person
from tests.browser import making
from tests.browser.following import follow
from tests.browser.test_main_job import PASSWORD, misspelt


@pytest.fixture
def plain(visit):
    """A page of rep@ in a browser without JavaScript."""
    return visit("rep", java_script_enabled=False)


@pytest.fixture
def ngozi():
    return making.person(making.unique("Ngozibar"), making.unique("Okonkwo"), company=making.company())


def history(page):
    return page.get_by_role("region", name="History")


def test_a_rep_signs_in_finds_a_misspelt_person_logs_a_call_and_sees_it(visit, ngozi):
    said = making.unique("They take the offer ")
    page = visit(java_script_enabled=False)
    page.goto("/people/")
    page.get_by_label("E-mail").fill("rep@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("People")

    page.get_by_role("searchbox", name="Search everything").fill(misspelt(ngozi.given_name))
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name=str(ngozi)).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(str(ngozi))

    page.get_by_label("What was said").fill(said)
    page.get_by_role("button", name="Log", exact=True).click()
    expect(page).to_have_url(re.compile(making.path(ngozi)))
    expect(history(page)).to_contain_text(said)
    page.goto(making.path(ngozi.company))
    expect(history(page)).to_contain_text(said)


def test_a_call_is_logged_from_any_page_with_a_typed_name(plain, ngozi):
    said = making.unique("Calls back ")
    plain.goto("/companies/")
    plain.get_by_role("link", name="Log call").click()
    plain.locator("[name=person_text]").fill(str(ngozi))
    plain.get_by_label("What was said").fill(said)
    plain.get_by_role("button", name="Log", exact=True).click()
    expect(plain.get_by_role("heading", level=1)).to_have_text(str(ngozi))
    expect(history(plain)).to_contain_text(said)


def test_a_typed_name_that_fits_several_or_nobody_is_asked_again_and_nothing_typed_is_lost(plain):
    family = making.unique("Tvilling")
    making.person("Anna", family), making.person("Anne", family)
    plain.goto("/calls/new/")
    plain.locator("[name=person_text]").fill(family)
    plain.get_by_label("What was said").fill("Said with care")
    plain.get_by_role("button", name="Log", exact=True).click()
    expect(plain.get_by_text("Several fit")).to_contain_text(f"Anna {family}")
    expect(plain.get_by_label("What was said")).to_have_value("Said with care")
    expect(plain.locator("[name=person_text]")).to_have_value(family)
    plain.locator("[name=person_text]").fill("Qqqqqqqq Zzzzzzz")
    plain.get_by_role("button", name="Log", exact=True).click()
    expect(plain.get_by_text("Nobody found by")).to_be_visible()


def test_the_list_is_filtered_sorted_and_paged(plain):
    plain.goto("/people/")
    rows = plain.locator("tbody tr")
    expect(rows).to_have_count(50)
    plain.get_by_role("link", name="Next page").click()
    expect(plain.get_by_role("link", name="Previous page")).to_be_visible()
    plain.get_by_role("link", name="Previous page").click()
    plain.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(plain.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    plain.get_by_text("Filter", exact=True).click()
    plain.get_by_label("Qualified", exact=True).check()
    follow(plain.get_by_role("button", name="Show").locator("visible=true"))
    expect(plain.locator(".chip", has_text="Stage")).to_contain_text("Qualified")
    expect(plain.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    for cell in plain.locator("tbody .stage").all_inner_texts():
        assert cell == "Qualified"
    plain.get_by_role("link", name="Remove filter Stage").click()
    expect(plain.locator(".chip", has_text="Stage")).to_have_count(0)


def test_columns_are_chosen(plain):
    plain.goto("/people/")
    expect(plain.get_by_role("columnheader", name="E-mail")).to_have_count(0)
    plain.get_by_text("Columns", exact=True).click()
    plain.get_by_label("E-mail", exact=True).check()
    plain.get_by_label("Owner", exact=True).locator("visible=true").uncheck()
    follow(plain.get_by_role("button", name="Show").locator("visible=true"))
    expect(plain.get_by_role("columnheader", name="E-mail")).to_be_visible()
    expect(plain.get_by_role("columnheader", name="Owner")).to_have_count(0)


def test_a_person_is_added_with_one_mail_and_empty_lines_left(plain):
    family, firm = making.unique("Berge"), making.company()
    plain.goto("/people/new/")
    plain.get_by_label("Given name").fill("Liv")
    plain.get_by_label("Family name").fill(family)
    plain.locator("[name=company_text]").fill(firm.name)
    plain.locator("[name=emails-0-address]").fill(f"liv.{family.lower()}@havn.no")
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text(f"Liv {family}")
    facts = plain.get_by_role("complementary", name="Key facts")
    expect(facts).to_contain_text(f"liv.{family.lower()}@havn.no")
    expect(facts).to_contain_text("9008 Tromsø")


def test_a_person_is_changed_and_a_mail_removed(plain):
    kept = making.person(emails=["gone@havn.no"])
    plain.goto(f"{making.path(kept)}edit/")
    plain.get_by_label("Job title").fill("Harbour master")
    plain.get_by_label("Remove").first.check()
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("main")).to_contain_text("Harbour master")
    expect(plain.get_by_role("main")).not_to_contain_text("gone@havn.no")


def test_a_task_is_planned_ticked_and_opened_again(plain):
    whom, subject = making.person(), making.unique("Send samples ")
    plain.goto(making.path(whom))
    plain.get_by_label("More actions").click()
    plain.get_by_role("link", name="Plan a task").click()
    plain.get_by_label("What", exact=False).first.fill(subject)
    plain.get_by_label("Day").fill(str(timezone.localdate(timezone=making.zone()) + timedelta(days=3)))
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text(str(whom))
    plain.get_by_role("button", name=f"Mark done: {subject}").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text(str(whom))
    expect(history(plain).locator(".event", has_text=subject)).to_be_visible()


def test_a_record_goes_to_the_trash_and_comes_back(plain):
    whom = making.person()
    plain.goto(making.path(whom))
    plain.get_by_label("More actions").click()
    plain.get_by_role("button", name="Put in the trash").click()
    message = plain.get_by_text(f"{whom} is in the trash.")
    expect(message).to_be_visible()
    assert message.bounding_box()["y"] < 60, "nothing takes it away, so it stands over the page"
    plain.get_by_role("button", name="Undo").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text(str(whom))
    assert Person.objects.visible_to(making.user()).filter(pk=whom.pk).exists()


def test_the_theme_is_switched_and_the_rep_signs_out(plain):
    plain.goto("/people/")
    plain.get_by_role("button", name="Dark mode").first.click()
    expect(plain.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(plain.get_by_role("heading", level=1)).to_have_text("People")
    plain.get_by_role("button", name="Light mode").first.click()
    expect(plain.locator("html")).to_have_attribute("data-bs-theme", "light")
    plain.get_by_label("your account").click()
    plain.get_by_role("button", name="Sign out").first.click()
    expect(plain).to_have_url(re.compile("/accounts/login/"))
    plain.goto("/people/")
    expect(plain).to_have_url(re.compile("/accounts/login/"))


def test_history_is_read_page_by_page(plain):
    from contacts.models import Company

    busy = Company.objects.visible_to(making.user()).filter(name__startswith="Nordlys Energi").first()
    plain.goto(making.path(busy))
    while plain.get_by_role("link", name="Older").count():
        follow(plain.get_by_role("link", name="Older"))
    expect(history(plain)).to_be_visible()
