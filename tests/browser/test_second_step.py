"""Passkeys of a virtual device, in a real browser: set up, second step, sign-in without a password, removal."""

import re

import pytest
from allauth.mfa.models import Authenticator
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from crm.models import CacheRow
from tests.browser import making

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class Device:
    """A device with a fingerprint reader, plugged into one page."""

    def __init__(self, page):
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        self.id = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    def holds(self):
        return self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]

    def refuse(self):
        """Let the fingerprint be another's."""
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": False})


@pytest.fixture(autouse=True)
def _as_before():
    """What one test sets up does not stand in the way of the next."""
    yield
    Authenticator.objects.all().delete()
    CacheRow.objects.all().delete()


def sign_in(page, user="teammate"):
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(f"{user}@demo.example")
    page.get_by_label("Password").fill("cornerstone-demo")
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page):
    page.context.clear_cookies()


def add_passkey(page, name="Work laptop"):
    page.goto("/account/security/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill(name)
    page.keyboard.press("Enter")


def test_a_passkey_is_added_renamed_used_and_removed(visit):
    page = visit()
    device = Device(page)
    sign_in(page)
    add_passkey(page)
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "cornerstone-recovery-codes.txt"
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("Work laptop")).to_be_visible()
    expect(page.get_by_text("10 codes left")).to_be_visible()
    page.get_by_role("link", name="Rename Work laptop").click()
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("Old laptop")).to_be_visible()
    assert len(device.holds()) == 1

    sign_out(page)  # with password and passkey
    sign_in(page)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile(r"localhost:\d+/$"))

    sign_out(page)  # with the passkey alone
    page.goto("/accounts/login/?next=/account/security/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Two-step sign-in")).to_be_visible()
    expect(page.get_by_text("last used")).to_be_visible()

    page.get_by_role("link", name="Remove Old laptop").click()
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("Passkey removed.")).to_be_visible()
    assert not Authenticator.objects.exists()
    sign_out(page)
    sign_in(page)
    expect(page).to_have_url(re.compile(r"localhost:\d+/$"))


def test_a_removed_passkey_opens_nothing(visit):
    page = visit()
    Device(page)
    sign_in(page)
    add_passkey(page)
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    Authenticator.objects.all().delete()
    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("This passkey was not accepted.")).to_be_visible()
    expect(page.get_by_label("Password")).to_be_visible()


def test_a_finger_that_is_another_s_opens_nothing(visit):
    page = visit()
    device = Device(page)
    sign_in(page)
    add_passkey(page)
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page)
    device.refuse()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("The passkey was not used.")).to_be_visible()
    expect(page).to_have_url(re.compile("/accounts/login/$"))


def test_a_device_is_added_once(visit):
    page = visit()
    Device(page)
    sign_in(page)
    add_passkey(page)
    page.get_by_role("button", name="I have kept them").click()
    add_passkey(page, "Again")
    expect(page.get_by_text("This device holds a passkey for this account already.")).to_be_visible()
    assert Authenticator.objects.filter(type="webauthn").count() == 1


def test_without_javascript_an_app_is_set_up_and_passkeys_are_not_offered(visit):
    page = visit(java_script_enabled=False)
    sign_in(page)
    page.goto("/account/security/app/")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.goto("/account/security/passkeys/new/")
    expect(page.get_by_text("Set up an authenticator app instead.")).to_be_visible()
    expect(page.get_by_role("button", name="Add the passkey")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_for_everybody(visit, width, scheme):
    page = visit(viewport={"width": width, "height": 900}, color_scheme=scheme)
    Device(page)
    sign_in(page, "agent")
    faults = []

    def look(path):
        page.goto(path)
        found = Axe().run(page).response["violations"]
        faults.extend(f"{path}: {each['id']}" for each in found if each["impact"] in ("serious", "critical"))
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        faults.extend([f"{path}: scrolls sideways"] if wide else [])

    for path in ("/account/", "/account/security/app/", "/account/security/passkeys/new/"):
        look(path)
    add_passkey(page)
    page.wait_for_url("**/codes/")
    key = Authenticator.objects.get(user=making.user("agent"), type="webauthn").pk
    for path in ("codes/", "", f"passkeys/{key}/", f"passkeys/{key}/removal/"):
        look(f"/account/security/{path}")
    sign_out(page)
    sign_in(page, "agent")
    page.wait_for_url("**/second-step/")
    look("/accounts/second-step/")
    assert faults == []
