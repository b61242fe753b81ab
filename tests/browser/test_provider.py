"""Signing in at the firm's provider, the whole way through its own page."""

import re

import pytest
from allauth.socialaccount.models import SocialAccount
from playwright.sync_api import expect

from tests.browser import making, sites
from tests.provider import running


@pytest.fixture(scope="module")
def company(site, tmp_path_factory):
    """The site once more, beside the first, with a provider; give its address."""
    directory = tmp_path_factory.mktemp("company")
    url = f"http://localhost:{running.free_port()}"
    with running.provider(directory, f"{url}/accounts/provider/callback/") as client:
        told = {"NAME": "name", "ISSUER": "issuer", "CLIENT_ID": "client_id", "CLIENT_SECRET": "secret"}
        known = {f"OIDC_{name}": client[key] for name, key in told.items()}
        with sites.beside(site, url, known):
            yield url


def at_the_provider(page, name):
    expect(page.get_by_role("heading", name="The provider")).to_be_visible()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(running.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("with_script", [True, False])
def test_through_the_provider_and_in(visit, company, with_script):
    page = visit(java_script_enabled=with_script)
    page.goto(f"{company}/accounts/login/?next=/companies/")
    page.get_by_role("button", name="Sign in with Firm ID").click()
    at_the_provider(page, "demo")
    expect(page).to_have_url(f"{company}/companies/")
    assert SocialAccount.objects.get().user == making.user("teammate")


def test_through_the_provider_and_not_in(visit, company):
    page = visit()
    page.goto(f"{company}/accounts/login/")
    page.get_by_role("button", name="Sign in with Firm ID").click()
    at_the_provider(page, "stranger")
    expect(page.get_by_role("heading", name="No account here for this address")).to_be_visible()
    page.get_by_role("link", name="Back to sign-in").click()
    expect(page).to_have_url(re.compile("/accounts/login/$"))
