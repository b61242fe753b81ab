"""By keyboard alone: keys of the page, the palette, menus, dialogs."""

import re

from playwright.sync_api import expect

from tests.browser import making


def test_a_question_mark_shows_the_keys_of_the_page(rep):
    rep.goto("/people/")
    rep.keyboard.press("?")
    keys = rep.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_contain_text("Log call")
    expect(keys).to_contain_text("Companies")
    rep.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_g_and_a_letter_go_to_a_section(rep):
    rep.goto("/")
    for keys, url in [("gp", "/people/"), ("gc", "/companies/"), ("gd", "/")]:
        rep.keyboard.type(keys)
        rep.wait_for_url(re.compile(f"{url}$"))  # until it has loaded: keys pressed before nobody hears


def test_j_and_k_walk_and_enter_opens(rep):
    rep.goto("/people/")
    rows = rep.locator("tbody .name a")
    rep.keyboard.press("j")
    rep.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    rep.keyboard.press("k")
    expect(rows.first).to_be_focused()
    name = rows.first.locator(".cut").inner_text()
    rep.keyboard.press("Enter")
    expect(rep.get_by_role("heading", level=1)).to_have_text(name)


def test_single_keys_are_letters_where_one_types(rep):
    rep.goto("/people/")
    rep.keyboard.press("/")
    rep.keyboard.type("c?gpj")
    expect(rep.get_by_role("searchbox", name="Search everything")).to_have_value("c?gpj")
    expect(rep.get_by_role("dialog")).to_have_count(0)


def test_single_keys_can_be_switched_off(rep):
    rep.goto("/people/")
    rep.keyboard.press("?")
    rep.get_by_label("Use single keys").uncheck()
    rep.keyboard.press("Escape")
    rep.keyboard.press("c")
    rep.wait_for_timeout(300)
    expect(rep.get_by_role("dialog")).to_have_count(0)
    rep.keyboard.press("Control+k")
    expect(rep.get_by_role("dialog", name="Command palette")).to_be_visible()


def test_the_palette_runs_commands(rep):
    rep.goto("/companies/")
    rep.keyboard.press("Control+k")
    rep.keyboard.type("log")
    rep.get_by_role("option", name=re.compile("Log call")).click()
    expect(rep.get_by_role("dialog").get_by_label("What was said")).to_be_visible()


def test_the_palette_walks_by_arrows(rep):
    rep.goto("/companies/")
    rep.keyboard.press("Control+k")
    options = rep.get_by_role("option")
    expect(options.first).to_have_attribute("aria-selected", "true")
    rep.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    rep.keyboard.press("Escape")
    expect(rep.get_by_role("dialog")).to_have_count(0)


def test_what_the_palette_does_not_find_is_searched_for_everywhere(rep):
    rep.goto("/companies/")
    rep.keyboard.press("Control+k")
    rep.keyboard.type("qqqqzzzz")
    expect(rep.get_by_role("option", name=re.compile("Search everything for qqqqzzzz"))).to_be_visible()
    rep.keyboard.press("Enter")
    expect(rep.get_by_text("Nothing found")).to_be_visible()


def test_n_opens_the_menu_of_new_things(rep):
    rep.goto("/")
    rep.keyboard.press("n")
    person = rep.locator(".topbar").get_by_role("link", name="Person", exact=True)
    expect(person).to_be_focused()
    rep.keyboard.press("ArrowDown")
    expect(rep.locator(".topbar").get_by_role("link", name="Company", exact=True)).to_be_focused()
    rep.keyboard.press("Escape")
    expect(person).to_be_hidden()


def test_letters_typed_before_the_form_has_come_are_not_lost(rep):
    whom = making.person(making.unique("Ragnvald"))
    rep.goto("/people/")
    rep.route(re.compile("/calls/new/"), lambda route: (rep.wait_for_timeout(400), route.continue_()))
    rep.keyboard.press("c")
    rep.keyboard.type(whom.given_name)
    who = rep.get_by_role("dialog").get_by_role("combobox", name="Who")
    expect(who).to_have_value(whom.given_name)
    expect(rep.locator(".ts-dropdown").get_by_role("option", name=re.compile(str(whom)))).to_be_visible()


def test_a_call_is_about_the_person_one_looks_at(rep):
    whom = making.person()
    rep.goto(making.path(whom))
    rep.keyboard.press("c")
    dialog = rep.get_by_role("dialog")
    expect(dialog.get_by_label("What was said")).to_be_focused()
    rep.keyboard.type("All is well")
    rep.keyboard.press("Control+Enter")
    expect(rep.get_by_role("region", name="History")).to_contain_text("All is well")


def test_tab_reaches_the_content_at_once(rep):
    rep.goto("/people/")
    rep.keyboard.press("Tab")
    skip = rep.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    rep.keyboard.press("Enter")
    expect(rep.locator("#content")).to_be_focused()


def test_the_focus_returns_to_where_a_dialog_was_opened(rep):
    rep.goto("/")
    opener = rep.get_by_role("link", name="Plan a task")
    opener.focus()
    rep.keyboard.press("Enter")
    expect(rep.get_by_role("dialog").locator("#task_subject")).to_be_focused()
    rep.keyboard.press("Escape")
    expect(opener).to_be_focused()
