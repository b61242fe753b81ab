"""The certain ones from the switch to the run and its undoing, by hand and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from contacts.models import Person
from crm import duplicates
from crm.jobs import work_off
from crm.merging.relations import every
from quality import services
from quality.models import CertainRule
from tests.browser import making
from tests.factories import quality


@pytest.fixture
def boss():
    """The administrator, after enough was answered; it is off before and after."""
    user, kind = making.user("admin"), duplicates.kind_of(Person)
    services.switch(kind=kind, on=False, by=user)
    quality.answers(user, same=400)
    yield user
    services.switch(kind=kind, on=False, by=user)


def pair(boss):
    """Write two records that are certain to be one and have them found."""
    people = quality.twins(boss, making.unique().capitalize())
    for person in people:
        duplicates.match(Person, [person.pk])
    return people


def merged_into(person):
    return every(Person).get(pk=person.pk).merged_into_id


def test_they_are_switched_on_merged_and_all_taken_apart(boss, visit):
    first, second = pair(boss)
    page = visit("admin")
    page.goto("/quality/duplicates/")
    page.get_by_role("link", name="Merge the certain ones").click()
    expect(page.get_by_text("answered pairs were the same")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"Merge \d"))).to_have_count(0)
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("Switched on.")).to_be_visible()
    assert CertainRule.objects.get(kind=1).is_on
    expect(page.locator(".certain-list")).to_contain_text(str(first))
    page.get_by_role("button", name=re.compile(r"Merge \d")).click()
    expect(page.get_by_text("The clusters are being merged one by one.")).to_be_visible()
    work_off()
    expect(page.get_by_role("button", name="Undo all")).to_be_visible()
    assert merged_into(second) == first.pk
    page.get_by_role("button", name="Undo all").click()
    expect(page.get_by_text("The merges are being taken apart, the last first.")).to_be_visible()
    work_off()
    expect(page.locator(".fig", has_text="Taken apart")).to_be_visible()
    expect(page.get_by_role("button", name="Undo all")).to_have_count(0)
    assert merged_into(second) is None


def test_it_works_without_javascript_on_a_phone(boss, visit):
    first, second = pair(boss)
    page = visit("admin", java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto("/quality/certain/?kind=person")
    page.get_by_role("button", name="Switch on").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name=re.compile(r"Merge \d")).click()
    work_off()
    page.get_by_role("link", name="Look again").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert merged_into(second) == first.pk
    page.get_by_role("button", name="Undo all").click()
    work_off()
    page.get_by_role("link", name="Look again").click()
    expect(page.locator(".fig", has_text="Taken apart")).to_be_visible()
    assert merged_into(second) is None
