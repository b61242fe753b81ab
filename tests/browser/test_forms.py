"""Adding and changing people: nothing typed is lost, nothing is saved twice."""

import re

import pytest
from playwright.sync_api import expect

from contacts.models import Person
from tests.browser import making
from tests.factories.contacts import reload


def named(family):
    return Person.objects.visible_to(making.user()).filter(family_name=family)


def facts(page):
    return page.get_by_role("complementary", name="Key facts")


def pick(page, label, words, name):
    """Choose a record by typing into its search field."""
    page.locator(".ts-control").get_by_role("combobox", name=label).press_sequentially(words, delay=20)
    page.locator(".ts-dropdown").get_by_role("option", name=re.compile(name)).click()


def test_a_new_person_at_a_company_gets_its_address_and_currency(rep):
    family, firm = making.unique().capitalize(), making.company(currency="NOK")
    rep.goto("/people/new/")
    rep.get_by_label("Given name").fill("Liv")
    rep.get_by_label("Family name").fill(family)
    pick(rep, "Company", firm.name[:-1], firm.name)
    expect(rep.get_by_label("Currency")).to_have_value("NOK")
    rep.get_by_role("button", name="Save").click()
    expect(rep.get_by_role("heading", level=1)).to_have_text(f"Liv {family}")
    expect(facts(rep)).to_contain_text("9008 Tromsø")
    person = named(family).get()
    assert (person.country.code, person.currency, person.company) == ("NO", "NOK", firm)


def test_a_person_is_added_in_a_dialog_from_any_page(rep):
    family, firm = making.unique().capitalize(), making.company()
    rep.goto("/")
    rep.keyboard.press("n")
    rep.get_by_role("link", name="Person", exact=True).click()
    dialog = rep.get_by_role("dialog")
    expect(dialog.get_by_label("Given name")).to_be_focused()
    rep.keyboard.type("Ada")
    dialog.get_by_label("Family name").fill(family)
    pick(rep, "Company", firm.name[:-1], firm.name)
    rep.keyboard.press("Control+Enter")
    expect(rep.get_by_role("heading", level=1)).to_have_text(f"Ada {family}")
    expect(facts(rep)).to_contain_text("9008 Tromsø")


def test_two_presses_on_save_make_one_record(rep):
    family = making.unique("Enkel")
    rep.goto("/people/new/")
    rep.get_by_label("Family name").fill(family)
    rep.get_by_role("button", name="Save").dblclick()
    expect(rep.get_by_role("heading", level=1)).to_have_text(family)
    assert named(family).count() == 1


def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(rep):
    rep.goto("/people/new/")
    rep.get_by_label("Job title").fill("Harbour master")
    rep.get_by_label("Notes").fill("Kept as typed")
    rep.locator("[name=emails-0-address]").fill("nobody@nowhere")
    rep.get_by_role("button", name="Save").click()
    family = rep.get_by_label("Family name")
    expect(family).to_have_attribute("aria-invalid", "true")
    expect(family).to_be_focused()
    expect(rep.locator("[name=emails-0-address]")).to_have_attribute("aria-invalid", "true")
    expect(rep.locator("#div_id_emails-0-address .invalid-feedback")).to_contain_text("domain ending")
    expect(rep.get_by_label("Job title")).to_have_value("Harbour master")
    expect(rep.get_by_label("Notes")).to_have_value("Kept as typed")
    expect(rep).to_have_url(re.compile("/people/new/$"))
    family.fill(making.unique("Retta"))
    rep.locator("[name=emails-0-address]").fill("nobody@nowhere.no")
    rep.get_by_role("button", name="Save").click()
    expect(rep.get_by_role("main")).to_contain_text("Harbour master")


def test_several_mails_are_added_one_made_primary_and_one_taken_away(rep):
    person = making.person(emails=["first@havn.no", "second@havn.no"])
    rep.goto(f"{making.path(person)}edit/")
    lines = rep.locator('[data-formset="emails"] [data-row]:not([hidden])')
    rep.get_by_role("button", name="Another e-mail").click()
    expect(lines.last.locator("[name$=-address]")).to_be_focused()
    rep.keyboard.type("third@havn.no")
    lines.last.get_by_label("Primary").check()
    expect(lines.first.get_by_label("Primary")).not_to_be_checked()
    lines.nth(1).get_by_role("button", name="Remove this line").click()
    rep.get_by_role("button", name="Save").click()
    expect(facts(rep)).to_contain_text("third@havn.no")
    expect(facts(rep)).not_to_contain_text("second@havn.no")
    expect(facts(rep).get_by_role("link", name=re.compile("@havn.no")).first).to_have_text("third@havn.no")


def test_a_save_over_a_colleagues_is_refused_shows_theirs_and_loses_nothing_typed(visit):
    person = making.person(job_title="Buyer")
    mine, other = visit("rep"), visit("admin")
    mine.goto(f"{making.path(person)}edit/")
    other.goto(f"{making.path(person)}edit/")
    other.get_by_label("Job title").fill("Head buyer")
    other.get_by_role("button", name="Save").click()
    expect(other).to_have_url(re.compile(f"{making.path(person)}$"))

    mine.get_by_label("Job title").fill("Purchaser")
    mine.get_by_label("Notes").fill("Kept as typed")
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_text("changed this in the meantime")).to_be_visible()
    expect(mine.get_by_label("Job title")).to_have_value("Purchaser")
    expect(mine.get_by_label("Notes")).to_have_value("Kept as typed")
    expect(mine.locator("#div_id_job_title")).to_contain_text("Saved now: Head buyer")
    assert reload(person).job_title == "Head buyer"
    mine.get_by_role("button", name="Take theirs").click()
    expect(mine.get_by_label("Job title")).to_have_value("Head buyer")
    mine.get_by_label("Job title").fill("Purchaser")
    mine.get_by_role("button", name="Save").click()
    expect(mine).to_have_url(re.compile(f"{making.path(person)}$"))
    assert reload(person).job_title == "Purchaser"


def test_leaving_with_something_typed_is_asked_about(rep):
    rep.goto("/people/new/")
    rep.get_by_label("Given name").press_sequentially("Liv")
    with rep.expect_event("dialog") as asked:
        rep.on("dialog", lambda dialog: dialog.dismiss())
        rep.get_by_role("link", name="Companies").first.click(no_wait_after=True)
    assert asked.value.type == "beforeunload"
    expect(rep.get_by_label("Given name")).to_have_value("Liv")


def test_saving_is_no_leaving(rep):
    asked = []
    rep.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    rep.goto("/people/new/")
    rep.get_by_label("Family name").press_sequentially(making.unique("Glad"))
    rep.get_by_role("button", name="Save").click()
    expect(rep.get_by_role("link", name="Edit", exact=True)).to_be_visible()
    assert asked == []


@pytest.mark.parametrize("answer", ["dismiss", "accept"])
def test_esc_closes_a_dialog_but_asks_when_something_was_typed(rep, answer):
    asked = []
    rep.on("dialog", lambda dialog: (asked.append(dialog.message), getattr(dialog, answer)()))
    rep.goto("/people/")
    rep.keyboard.press("c")
    dialog = rep.get_by_role("dialog")
    who = dialog.get_by_role("combobox", name="Who")
    expect(who).to_be_focused()
    for _press in range(3):  # the first closes the list of choices, and another one that came late
        if dialog.is_visible():
            rep.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert asked == []
    rep.keyboard.press("c")
    expect(who).to_be_focused()
    dialog.get_by_label("What was said").press_sequentially("Half a thought")
    rep.keyboard.press("Escape")
    expect(dialog).to_be_hidden() if answer == "accept" else expect(dialog).to_be_visible()
    assert asked == ["Discard what you typed?"]


def test_nobody_is_taken_away_from_the_field_they_have_begun_to_fill_in(rep):
    rep.goto("/people/")
    rep.route(re.compile(r"/picker[^/]*\.js"), lambda route: (rep.wait_for_timeout(600), route.continue_()))
    rep.keyboard.press("c")
    dialog = rep.get_by_role("dialog")
    said = dialog.get_by_label("What was said")
    said.press_sequentially("Early words", delay=100)
    expect(dialog.get_by_role("combobox", name="Who")).to_be_visible()
    expect(said).to_be_focused()
    expect(said).to_have_value("Early words")


def test_a_changed_record_says_who_changed_what(rep):
    person = making.person(job_title="Buyer")
    rep.goto(f"{making.path(person)}edit/")
    rep.get_by_label("Job title").fill("Head buyer")
    rep.get_by_role("button", name="Save").click()
    rep.get_by_role("link", name="Changes").first.click()
    change = rep.get_by_role("dialog").locator(".change").first
    expect(change).to_contain_text("Ingrid Solheim")
    expect(change.get_by_role("row", name=re.compile("Job title"))).to_contain_text("Head buyer")
    expect(change.locator("del")).to_have_text("Buyer")
