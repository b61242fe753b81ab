"""Templates are seen as they arrive while they are written; foreign HTML stays in its frame."""

import re

import pytest
from playwright.sync_api import expect

from crm.mailing import MailTemplate
from tests.browser import making


def frame(page):
    return page.frame_locator("[name=mail-preview]").locator("body")


def test_what_is_typed_is_shown_a_moment_later_and_then_saved(visit):
    page = visit("rep")
    page.goto("/mail/templates/new/")
    name = making.unique("Letter ")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Subject").fill("Hello")
    page.get_by_label("Text").fill("Dear {{ person.given_name }},\n\n**so** it is <script>alert(1)</script>.")
    expect(frame(page)).to_contain_text("Dear ‹given name›,")
    expect(frame(page).locator("b")).to_have_text("so")
    expect(frame(page)).to_contain_text("<script>alert(1)</script>")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert MailTemplate.objects.filter(name=name).count() == 1


@pytest.mark.parametrize("width", [390, 1440])
def test_without_javascript_a_button_shows_it(visit, width):
    page = visit("rep", java_script_enabled=False, viewport={"width": width, "height": 900})
    page.goto(making_path(making.template()))
    page.get_by_label("Text").fill("Dear friend, anew")
    page.get_by_role("button", name="Show how it arrives").click()
    expect(frame(page)).to_contain_text("Dear friend, anew")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def making_path(template):
    return f"/mail/templates/{template.pk}/"


def test_a_mail_in_its_frame_runs_nothing_and_asks_nobody(visit, watch):
    page, asked = visit("admin"), []
    hostile = (
        "<script>document.title='run'</script><img src='https://evil.example/x.png' onerror=\"parent.x=1\">"
        "<form action='/account/theme/' method='post'><button>Go</button></form>"
        "<meta http-equiv='refresh' content='0;url=/'>"
        "<p>Words within</p>"
    )
    mail = making.mail(html=hostile)
    page.on("response", lambda response: asked.append(response.url))
    page.goto(f"/mail/sent/{mail.pk}/")
    inside = page.frame_locator(".mail-frame")
    page.locator(".mail-frame").scroll_into_view_if_needed()
    expect(inside.get_by_text("Words within")).to_be_visible()
    page.wait_for_timeout(500)
    assert not [url for url in asked if "evil" in url]
    assert page.title() != "run" and page.evaluate("window.x") is None
    for refused in ("Blocked script execution", "Refused to execute the redirect", "Loading the image"):
        watch.expect(refused)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mail_can_be_read_in_light_and_in_dark(visit, scheme):
    """Its ink and its sheet change together."""
    page = visit("rep", color_scheme=scheme)
    page.goto(making_path(making.template()))
    words = frame(page).get_by_text("Kind regards")
    expect(words).to_be_visible()
    ink = words.evaluate("node => getComputedStyle(node).color")
    sheet = words.evaluate("node => getComputedStyle(node.closest('.sheet > table')).backgroundColor")
    assert (sum(shades(ink)) > sum(shades(sheet))) is (scheme == "dark")
    assert abs(sum(shades(ink)) - sum(shades(sheet))) > 400


def shades(colour):
    return [int(part) for part in re.findall(r"\d+", colour)[:3]]
