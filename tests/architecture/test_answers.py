"""What holds for every answer of every page: kept out of caches, strict, and nothing written by reading."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.architecture.pages import PAGES

pytestmark = pytest.mark.django_db
READ = sorted(route for route, page in PAGES.items() if "GET" in page.takes and "<uidb36>" not in route)
SENT = sorted(route for route, page in PAGES.items() if "POST" in page.takes and not route.endswith("z"))


def address(route, world):
    name = PAGES[route].record
    pk = str(world[name].pk) if name else ""
    found = f"/{route}".replace("<id:pk>", pk).replace("<uidb36>-<key>", "x1-abc-def").replace("<int:number>", "0")
    return found.replace("<slug:key>", f"file-{pk}")


@pytest.fixture(scope="module")
def everything(world):
    """The administrator's browser and a public one."""
    clients = {"administrator": Client(), "anonymous": Client()}
    clients["administrator"].force_login(world.cast.administrator)
    return clients


@pytest.mark.parametrize("route", READ)
@pytest.mark.parametrize("name", ["administrator", "anonymous"])
def test_an_answer_is_kept_by_no_cache_and_runs_nothing_foreign(route, name, world, everything):
    if route in ("healthz", "readyz"):
        return  # in plain text, for probes
    response = everything[name].get(address(route, world))
    assert "no-store" in response["Cache-Control"]
    if name == "administrator":
        assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    if PAGES[route].framed and response.status_code == 200:
        [sandbox] = [part for part in policy.split("; ") if part.split()[0] == "sandbox"]
        assert "allow-scripts" not in sandbox and "allow-same-origin" not in sandbox and "allow-forms" not in sandbox
        assert "script-src" not in policy and "form-action 'none'" in policy
        assert response["X-Frame-Options"] == "SAMEORIGIN" and "frame-ancestors 'self'" in policy
        return
    assert response["X-Frame-Options"] == "DENY"
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("route", READ)
def test_reading_writes_nothing(route, world, everything):
    """Links can be followed by anybody's mail scanner: a GET changes no row but the session's."""
    client = everything["administrator"]
    client.get(address(route, world))
    with CaptureQueriesContext(connection) as captured:
        client.get(address(route, world)).getvalue()
    writes = [q["sql"] for q in captured if q["sql"].lstrip("( ").split(" ")[0] in ("INSERT", "UPDATE", "DELETE")]
    assert [sql[:100] for sql in writes if "django_session" not in sql] == []


@pytest.mark.parametrize("route", SENT)
def test_a_form_from_elsewhere_is_refused(route, world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.cast.administrator)
    response = client.post(address(route, world), {"given_name": "Forged"})
    assert response.status_code == 403
    assert b"open too long" in response.content or b"csrf" in response.content.lower()
