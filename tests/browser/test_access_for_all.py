"""Nobody is kept out by how a page is made: axe finds nothing serious, nothing sticks out of a phone's screen."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.scenes import SCENES, slug

WIDTHS = (390, 768, 1024, 1440)
THEMES = ("light", "dark")
NARROW = (360, 390)
HEIGHT = 900
GRAVE = {"serious", "critical"}

every_scene = pytest.mark.parametrize("scene", SCENES, ids=slug)


@pytest.fixture
def shown(visit, watch):
    """Bring a scene about; error pages are meant to be errors."""

    def show(scene, **options):
        page = scene.opened_by(visit, **options)
        if "/errors/" in scene.path:
            watch.faults.clear()
        return page

    return show


def findings(page):
    """Return what axe says is serious or critical: [(rule, element)]."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    options = "{resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}"
    found = page.evaluate(f"axe.run(document, {options}).then(found => found.violations)")
    nodes = [(rule["id"], node) for rule in found if rule["impact"] in GRAVE for node in rule["nodes"]]
    return [(name, node["html"][:160], _reason(node)) for name, node in nodes if not _covered(node)]


def _covered(node):
    """Whether it is too small only where an open menu, or the bar a form ends with, lies over it just now."""
    return "partially obscured" in _reason(node)


def _reason(node):
    return "; ".join(check["message"] for check in [*node["any"], *node["all"], *node["none"]])[:200]


def overflow(page):
    """Return the elements that stick out of the window's right edge without a part to scroll them in."""
    return page.evaluate("""() => {
        const isKept = part => {
            for (let at = part; at && at !== document.documentElement; at = at.parentElement) {
                const {overflowX, position} = getComputedStyle(at);
                if (overflowX !== "visible" || position === "fixed") return true;
            }
        };
        if (document.documentElement.scrollWidth <= innerWidth) return [];
        const out = [...document.querySelectorAll("body *")].filter(part => part.checkVisibility() &&
            part.getBoundingClientRect().right > innerWidth + 1 && !isKept(part.parentElement));
        return out.map(part => part.outerHTML.slice(0, 120)).slice(0, 5);
    }""")


def sideways(page):
    """Return whether the sheet itself would scroll sideways."""
    return page.evaluate(
        "[...document.querySelectorAll('main, dialog[open], dialog[open] .dialog-body, .menu[open] > .menu-list')]"
        ".filter(part => part.checkVisibility() && part.scrollWidth > part.clientWidth + 1)"
        ".map(part => part.outerHTML.slice(0, 80))"
    )


@pytest.mark.parametrize("scene", [scene for scene in SCENES if not scene.alike], ids=slug)
def test_a_scene_fits_a_phone_and_is_open_to_all_in_one_size_and_theme(shown, scene):
    page = shown(scene, viewport={"width": 390, "height": HEIGHT})
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        assert (overflow(page), sideways(page)) == ([], []), width
    place = SCENES.index(scene)
    page.set_viewport_size({"width": (1440, 390)[place % 2], "height": HEIGHT})
    page.emulate_media(color_scheme=THEMES[place // 2 % 2])
    assert findings(page) == []


@pytest.mark.long
@every_scene
def test_every_scene_is_open_to_all_in_every_size_and_theme(shown, scene):
    found = {}
    page = shown(scene, viewport={"width": 390, "height": HEIGHT}, has_touch=True)
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        assert (overflow(page), sideways(page)) == ([], []), width
    page.context.close()
    for width in WIDTHS:
        page = shown(scene, viewport={"width": width, "height": HEIGHT})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            found[f"{width} {theme}"] = findings(page)
        page.context.close()
    assert not any(found.values()), json.dumps({name: some for name, some in found.items() if some}, indent=1)


def test_dark_by_choice_is_like_dark_by_device(visit):
    page = visit("manager", color_scheme="light")
    page.goto("/people/")
    page.get_by_role("button", name="Dark mode").first.click()
    page.locator("html[data-bs-theme=dark]").wait_for()
    by_choice = page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor")
    assert findings(page) == []
    page.get_by_role("button", name="Light mode").first.click()
    page.evaluate("document.documentElement.dataset.bsTheme = 'auto'")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor") == by_choice
