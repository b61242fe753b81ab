"""A cluster of three: look, pick, merge, one history, undo, and all as before. By hand, by key, without scripts."""

import re

from playwright.sync_api import expect

from contacts.models import Person
from crm import duplicates
from tests.browser import making
from tests.factories import interactions
from tests.factories.contacts import reload

URL = "/quality/duplicates/"


def three(name):
    """Write three records of one person, each with a talk of its own, and have them found; give the records."""
    given, family = name.split()
    spelled = (family, family.replace("ø", "oe"), family)
    titles = ("Engineer", "Lead Engineer", "")
    people = []
    for number, (one, title) in enumerate(zip(spelled, titles, strict=True)):
        emails = [f"{given}@{family}.example".lower().replace("ø", "o"), f"{given}{number}@x.example".lower()]
        person = making.person(given, one, emails=emails, job_title=title)
        interactions.talk(making.user(), people=[person], body=f"Talk number {number} with {given}.")
        people.append(person)
        duplicates.match(Person, [person.pk])
    return people


def facts(page, person):
    """Return what stands on a record's page: its key facts and its history."""
    page.goto(making.path(person))
    return page.locator(".facts").first.inner_text(), page.locator(".timeline").inner_text()


def test_three_become_one_with_one_history_and_come_back(rep):
    people = three("Synnøve Bjørkum")
    before = [facts(rep, person) for person in people]
    rep.goto(URL)
    entry = rep.locator(".dup", has_text="Synnøve Bjørkum").first
    entry.get_by_role("link").first.focus()
    rep.keyboard.press("m")
    rep.wait_for_url(re.compile("/quality/merge/"))
    expect(rep.get_by_role("heading", level=1)).to_have_text("Merge 3 people")
    title = rep.get_by_role("radiogroup", name="Job title")
    title.get_by_label("Engineer", exact=True).check()
    expect(title.locator("[data-kept-value]")).to_have_text("Engineer")
    expect(title.locator("[data-kept-why]")).to_have_text("Your choice")
    title.get_by_label("Lead Engineer").check()
    rep.get_by_role("button", name="Merge into one").click()
    expect(rep.get_by_text("3 records are one now: Synnøve Bjørkum.")).to_be_visible()
    expect(rep).to_have_url(re.compile(URL))
    rep.goto(making.path(people[2]))
    expect(rep).to_have_url(re.compile(making.path(people[0])))
    for number in range(3):
        expect(rep.get_by_text(f"Talk number {number} with Synnøve.")).to_be_visible()
    expect(rep.get_by_text("Lead Engineer").first).to_be_visible()
    rep.get_by_role("button", name="Unmerge").click()
    expect(rep.get_by_text("Taken apart. All are as they were.")).to_be_visible()
    assert [facts(rep, person) for person in people] == before


def test_the_way_back_stands_in_the_message(rep):
    people = three("Ragnfrid Solbø")
    rep.goto(f"/quality/merge/?kind=person{''.join(f'&pick={one.pk}' for one in people)}")
    rep.get_by_role("button", name="Merge into one").click()
    expect(rep.get_by_role("heading", level=1)).to_have_text("Ragnfrid Solbø")
    rep.get_by_role("button", name="Undo", exact=True).click()
    expect(rep.get_by_text("Undone: Merged 3 people.")).to_be_visible()
    assert [reload(one).merged_into_id for one in people] == [None] * 3


def test_it_works_without_javascript_on_a_phone(visit):
    people = three("Oddveig Brøvig")
    page = visit("rep", java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto(f"/quality/merge/?kind=person{''.join(f'&pick={one.pk}' for one in people)}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("radiogroup", name="Job title").get_by_label("Engineer", exact=True).check()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("Merged into this")).to_be_visible()
    assert reload(people[0]).job_title == "Engineer"
    page.get_by_role("button", name="Unmerge").click()
    expect(page.get_by_text("Taken apart.")).to_be_visible()


def test_people_picked_in_a_list_are_merged_from_there(rep):
    people = three("Torgunn Hjelmås")
    rep.goto("/people/?q=Torgunn")
    for box in rep.locator("table.list .pick input").all()[:3]:
        box.check()
    rep.locator("#bulk").get_by_role("button", name="Merge").click()
    expect(rep.get_by_role("heading", level=1)).to_have_text(f"Merge {len(people)} people")
