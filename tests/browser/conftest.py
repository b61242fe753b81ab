"""A site, a browser, people signed in to it; and no page may leave an error in the console."""

import os
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from crm.launcher.browsers import require_browser
from tests.browser import sites
from tests.browser.watching import Watch

QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-quic",
    "--disable-sync",
    "--disable-gpu",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
]
HABITS = {  # a wide screen in the place where rep@ works, without the time that movements take
    "viewport": {"width": 1440, "height": 900},
    "locale": "en-GB",
    "timezone_id": "Europe/Oslo",
    "color_scheme": "light",
    "reduced_motion": "reduce",
}


@pytest.fixture(scope="session")
def site(django_db_blocker, tmp_path_factory):
    """The site all tests of this process visit. What a test changes stays: it makes the records it needs."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs a loop in the thread that uses the ORM
    with django_db_blocker.unblock(), sites.running(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def base_url(site):
    return site.url


@pytest.fixture(autouse=True)
def _records_of_the_site(site, django_db_blocker):
    """The ORM of a test reads and writes what the site shows."""
    with django_db_blocker.unblock(), sites.connected_to(site.database):
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": require_browser(), "args": [*QUIET, *root]}


@pytest.fixture
def watch(site):
    """What went wrong in any page of the test; a test that means a fault takes it out with `expect`."""
    watch = Watch()
    yield watch
    assert not watch.faults, "\n".join([*watch.faults, site.said()])


@pytest.fixture
def visit(site, new_context, watch):
    """Open a page as somebody: `visit("rep")`, `visit(java_script_enabled=False)` for a stranger; give the page."""

    def open_page(sign_in=None, **options):
        context = watch.over(new_context(**{**HABITS, **options}))
        context.set_default_timeout(10_000)  # milliseconds
        if sign_in:
            context.add_cookies([_session_cookie(sign_in, site.url)])
        return context.new_page()

    return open_page


@pytest.fixture
def rep(visit):
    """A page of rep@demo.example, Ingrid."""
    return visit("rep")


def _session_cookie(sign_in, url):
    from crm.models import User

    user = User.objects.get(email=f"{sign_in}@demo.example")
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key, "url": url}
