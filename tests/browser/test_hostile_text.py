"""Whatever people type is shown as text: markup, emoji, right-to-left names, words without end."""

import pytest
from playwright.sync_api import expect

from tests.browser import making
from tests.browser.test_access_for_all import overflow, sideways

SCRIPT = "<script>window.struck=1</script>"
IMAGE = '"><img src=x onerror="window.struck=1">\''
TEMPLATE = "{{ 7*7 }}{% now 'Y' %}"
NAMES = {
    "markup": (f"Eva{SCRIPT}", f"Berg{IMAGE}"),
    "template": (f"Eva{TEMPLATE}", "Berg ${7*7}"),
    "right to left": ("عبد الرحمن", "الأنصاري"),
    "emoji": ("Zoë 👩🏽‍🚀", "🎉 Ångström"),
    "without end": ("W" * 100, "İ" * 100),
    "combining": ("Z̸͎͘a̷̡͝l̶̰̽g̵̰͆o̴̜͐", "ﷺ"),
}


@pytest.fixture(params=NAMES.values(), ids=NAMES)
def whom(request):
    """Somebody whose every text is hostile, with a company, a task and a talk alike."""
    given, family = request.param
    tail = making.unique(" ")
    firm = making.company(f"{given} & Co{tail}", industry=given[:80], notes=f"{given}\n{family}")
    person = making.person(
        given,
        f"{family}{tail}"[-100:],
        company=firm,
        job_title=family[:120],
        notes=f"{given}\n{family}",
        tags=[given[:40]],
        emails=[f"x{tail.strip()}@xn--bcher-kva.example"],
    )
    making.task(f"{given} {family}"[:200], person=person, in_days=0)
    return person


@pytest.fixture
def guarded(rep):
    """A page of rep@ that must not be struck: no dialog, no script of ours by others."""
    rep.on("dialog", lambda dialog: pytest.fail(f"a dialog says {dialog.message}"))
    yield rep
    assert rep.evaluate("window.struck") is None


def shown_as_typed(page, record):
    assert page.evaluate("window.struck") is None
    expect(page.get_by_role("main")).to_contain_text(str(record).replace("  ", " "))
    assert not page.locator("main img, main script").count()


def test_pages_show_it_as_text(guarded, whom):
    for path in [
        making.path(whom),
        making.path(whom.company),
        f"/people/?company={whom.company_id}&columns=name,company,job_title,tags,next_activity",
        f"/search/?q={whom.family_name.split()[-1]}",
    ]:
        guarded.goto(path)
        shown_as_typed(guarded, whom)
    for path in ["/", f"{making.path(whom)}edit/", f"{making.path(whom)}changes/", "/companies/", "/tasks/new/"]:
        guarded.goto(path)
        assert guarded.evaluate("window.struck") is None
        assert not guarded.locator("main img, main script").count()


def test_dialogs_pickers_palette_and_messages_show_it_as_text(guarded, whom):
    guarded.goto("/people/")
    guarded.keyboard.press("c")
    who = guarded.get_by_role("dialog").get_by_role("combobox", name="Who")
    who.press_sequentially(whom.family_name.split()[-1], delay=10)
    option = guarded.locator(".ts-dropdown [role=option]").first
    expect(option).to_contain_text(str(whom)[:60])
    option.click()
    guarded.get_by_role("dialog").get_by_label("What was said").fill(f"{whom.given_name} {whom.family_name}")
    guarded.keyboard.press("Control+Enter")
    expect(guarded.locator("[data-toast]")).to_contain_text(str(whom)[:60])
    expect(guarded.get_by_role("region", name="History").locator("blockquote").first).to_contain_text(whom.given_name)
    guarded.keyboard.press("Control+k")
    guarded.keyboard.type(whom.family_name.split()[-1], delay=10)
    expect(guarded.locator(".palette [role=option]").filter(has_text=str(whom)[:60]).first).to_be_visible()
    assert not guarded.locator("dialog img, .toasts img, .ts-dropdown img").count()


def test_it_stays_inside_a_phone(visit, whom):
    page = visit("rep", viewport={"width": 360, "height": 800})
    for path in [
        making.path(whom),
        making.path(whom.company),
        f"/people/?company={whom.company_id}",
        f"/search/?q={whom.family_name.split()[-1]}",
        "/",
        f"{making.path(whom)}changes/",
    ]:
        page.goto(path)
        assert (overflow(page), sideways(page)) == ([], []), path


def test_the_address_bar_is_no_way_in(guarded):
    for path in [
        f"/people/?q={SCRIPT}",
        f"/search/?q={IMAGE}",
        f"/people/?tag={IMAGE}",
        f"/accounts/login/?next={SCRIPT}",
    ]:
        guarded.goto(path)
        assert guarded.evaluate("window.struck") is None
        assert not guarded.locator("img, body script").count()
