"""Nothing is gone at once: what was put in the trash comes back, with one press."""

import re

from playwright.sync_api import expect

from tests.browser import making


def put_away(page, record):
    page.goto(making.path(record))
    page.get_by_label("More actions").click()
    page.get_by_role("button", name="Put in the trash").click()
    expect(page.get_by_text(f"{record} is in the trash.")).to_be_visible()


def test_undo_stands_beside_the_message(rep):
    whom = making.person()
    put_away(rep, whom)
    rep.get_by_role("button", name="Undo").click()
    expect(rep).to_have_url(re.compile(making.path(whom)))
    expect(rep.get_by_text(f"{whom} is back.")).to_be_visible()


def test_what_is_in_the_trash_is_found_nowhere_but_there(rep):
    whom = making.person()
    put_away(rep, whom)
    rep.goto(f"/people/?q={whom.family_name}")
    expect(rep.get_by_text("Nothing matches")).to_be_visible()
    rep.goto(f"/search/?q={whom.family_name}")
    expect(rep.get_by_role("heading", name="Search")).to_be_visible()
    expect(rep.get_by_role("link", name=str(whom))).to_have_count(0)
    assert rep.goto(making.path(whom)).status == 404
    expect(rep.get_by_text("This is in the trash.")).to_be_visible()
    rep.goto("/people/trash/")
    rep.get_by_role("row", name=re.compile(str(whom))).get_by_role("button", name="Restore").click()
    expect(rep.get_by_role("heading", level=1)).to_have_text(str(whom))


def test_a_message_leaves_with_its_cross(rep):
    put_away(rep, making.company())
    rep.get_by_role("button", name="Hide message").click()
    expect(rep.locator("[data-toast]")).to_have_count(0)


def test_an_entry_of_the_history_goes_and_comes_back(rep):
    whom = making.person()
    rep.goto(making.path(whom))
    rep.get_by_label("What was said").fill("Said in error")
    rep.get_by_role("button", name="Log", exact=True).click()
    entry = rep.get_by_role("region", name="History").locator(".event", has_text="Said in error")
    entry.hover()
    entry.get_by_role("link", name="Edit this entry").click()
    rep.get_by_role("dialog").get_by_role("button", name="Put in the trash").click()
    expect(entry).to_have_count(0)
    rep.get_by_role("button", name="Undo").click()
    expect(entry).to_be_visible()


def test_ctrl_z_takes_back_what_the_message_offers_but_not_while_typing(rep):
    whom = making.person()
    put_away(rep, whom)
    rep.get_by_role("searchbox", name="Search everything").fill("words")
    rep.keyboard.press("Control+z")
    expect(rep.get_by_text(f"{whom} is in the trash.")).to_be_visible()
    rep.get_by_role("searchbox", name="Search everything").blur()
    rep.keyboard.press("Control+z")
    expect(rep.get_by_text(f"{whom} is back.")).to_be_visible()
    expect(rep).to_have_url(re.compile(making.path(whom)))


def test_the_message_stays_ten_seconds_and_longer_while_it_has_the_focus(rep):
    rep.clock.install()
    put_away(rep, making.person())
    note, undo = rep.locator("[data-toast]"), rep.get_by_role("button", name="Undo")
    elsewhere = rep.get_by_role("searchbox", name="Search everything")
    rep.clock.pause_at(rep.evaluate("Date.now()") / 1000 + 1)
    undo.focus()
    rep.clock.run_for(10_500)
    expect(note).to_be_visible()
    note.hover()
    rep.mouse.move(0, 0)
    elsewhere.focus()
    undo.focus()
    rep.clock.run_for(10_500)
    expect(note).to_be_visible()
    elsewhere.focus()
    rep.clock.run_for(9_900)
    expect(note).to_be_visible()
    rep.clock.run_for(200)
    expect(note).to_have_count(0)


def test_recent_changes_are_undone_from_their_page_by_keyboard(rep):
    whom = making.person()
    put_away(rep, whom)
    rep.goto("/undo/")
    row = rep.get_by_role("row", name=re.compile(f"Put {whom} in the trash"))
    row.get_by_role("button", name=re.compile("^Undo")).focus()
    rep.keyboard.press("Enter")
    expect(rep.get_by_text(f"{whom} is back.")).to_be_visible()
    rep.goto("/undo/")
    expect(row.get_by_text("Undone")).to_be_visible()
    expect(row.get_by_role("button", name=re.compile("^Redo"))).to_be_visible()
