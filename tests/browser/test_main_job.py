"""The day's main job: sign in, find a person by a misspelt name, log a call by keyboard, see it in the history."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import making

PASSWORD = "cornerstone-demo"


@pytest.fixture
def ngozi():
    """Somebody of rep@'s at a company of hers."""
    company = making.company(making.unique("Fjordkraft"))
    return making.person(making.unique("Ngozibar"), making.unique("Okonkwo"), company=company, job_title="Buyer")


def misspelt(name):
    """Return a name with a letter in its middle mistaken."""
    middle = len(name) // 2
    return f"{name[:middle]}{'e' if name[middle] != 'e' else 'i'}{name[middle + 1 :]}"


def test_a_rep_signs_in_finds_a_misspelt_person_logs_a_call_by_keyboard_and_sees_it(visit, ngozi):
    said = making.unique("They take the offer ")
    page = visit()
    page.goto("/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    page.get_by_label("E-mail").press_sequentially("rep@demo.example")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ingrid")

    page.keyboard.press("/")
    page.keyboard.type(f"{misspelt(ngozi.given_name)} {misspelt(ngozi.family_name)}")
    page.keyboard.press("Enter")
    found = page.get_by_role("main").get_by_role("link", name=str(ngozi))
    expect(found).to_be_visible()
    page.keyboard.press("j")
    expect(found).to_be_focused()

    page.keyboard.press("c")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox", name="Who")).to_be_focused()
    page.keyboard.type(misspelt(ngozi.given_name), delay=20)
    expect(dialog.get_by_role("option", name=re.compile(str(ngozi)))).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(dialog.get_by_label("What was said")).to_be_focused()
    page.keyboard.type(said)
    page.keyboard.press("Control+Enter")

    expect(page).to_have_url(re.compile(making.path(ngozi)))
    expect(page.get_by_role("region", name="History")).to_contain_text(said)
    page.goto(making.path(ngozi.company))
    entry = page.get_by_role("region", name="History").locator(".event").filter(has_text=said)
    expect(entry).to_contain_text(str(ngozi))


def test_the_palette_finds_a_misspelt_person_too(rep, ngozi):
    rep.goto("/companies/")
    rep.keyboard.press("Control+k")
    rep.keyboard.type(misspelt(ngozi.given_name), delay=20)
    expect(rep.get_by_role("option", name=re.compile(str(ngozi)))).to_have_attribute("aria-selected", "true")
    rep.keyboard.press("Enter")
    expect(rep).to_have_url(re.compile(making.path(ngozi)))
    expect(rep.get_by_role("heading", level=1)).to_have_text(str(ngozi))


def test_a_colleague_without_the_right_finds_no_trace_of_the_person(visit, ngozi):
    page = visit("otherteam")
    assert page.goto(making.path(ngozi)).status == 404
    assert page.goto(making.path(ngozi.company)).status == 404
    assert page.goto(f"{making.path(ngozi)}edit/").status == 404
    page.goto(f"/search/?q={ngozi.family_name}")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    for where in [
        f"/search/?palette=1&q={ngozi.family_name}",
        f"/people/choices/?q={ngozi.family_name}",
        f"/companies/choices/?q={ngozi.company.name}",
        f"/people/?q={ngozi.family_name}&sort=name",
        f"/people/export/?q={ngozi.family_name}",
        "/people/export/",
        "/companies/export/",
        "/people/trash/",
    ]:
        answer = page.request.get(where)
        assert answer.status == 200, where
        about = answer.text().replace(f"q={ngozi.family_name}", "").replace(f'value="{ngozi.family_name}"', "")
        assert str(ngozi) not in about and ngozi.company.name not in about, where


def test_who_may_not_see_the_person_cannot_log_a_call_with_them_either(visit, ngozi):
    page = visit("otherteam")
    page.goto("/calls/new/")
    page.get_by_role("combobox", name="Who").press_sequentially(ngozi.family_name)
    page.wait_for_timeout(600)
    expect(page.locator(".ts-dropdown [role=option]")).to_have_count(0)
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    form = {"csrfmiddlewaretoken": token, "person": str(ngozi.pk), "body": "hello"}
    headers = {"Referer": page.url}
    assert page.request.post(f"/people/{ngozi.pk}/log/", form=form, headers=headers).status == 404
    assert page.request.post("/calls/new/", form=form, headers=headers).status == 422
