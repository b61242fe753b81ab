import pytest
from django.db import OperationalError
from django.test import override_settings

from crm import errors


@pytest.fixture
def failing(lenient_client, db):
    with override_settings(ROOT_URLCONF="tests.crm.failing_urls"):
        yield lenient_client


@pytest.mark.parametrize(
    ("path", "status", "retry_after", "words"),
    [
        ("/slow/", 503, "5", "Narrow it"),
        ("/locked/", 503, "2", "Somebody else"),
        ("/away/", 503, "10", "database does not answer"),
        ("/idle/", 503, "10", "database does not answer"),
        ("/nul/", 400, None, "cannot be read"),
        ("/out-of-range/", 400, None, "cannot be read"),
        ("/parsed/?id=x", 400, None, "not the number of a record"),
        ("/broken/", 500, None, "Something broke"),
        ("/no-such-page/", 404, None, "nothing here"),
    ],
)
def test_a_failure_becomes_its_page(failing, path, status, retry_after, words):
    response = failing.get(path)
    assert response.status_code == status
    assert response.headers.get("Retry-After") == retry_after
    assert words in response.content.decode()


def test_a_database_that_fails_before_the_view_is_a_503_too(lenient_client, rep, monkeypatch):
    lenient_client.force_login(rep)

    def away(*_args):
        raise OperationalError("the connection is lost")

    monkeypatch.setattr("crm.accounts.backend.Backend.get_user", away)
    response = lenient_client.get("/account/")
    assert response.status_code == 503
    assert response["Retry-After"] == "10"


def test_an_error_page_asks_the_database_for_nothing(rf):
    """No fixture gives this test a database: a query would fail it."""
    assert errors.page(rf.get("/"), 503).status_code == 503


def test_an_error_page_comes_out_without_its_template(rf, monkeypatch):
    def broken(*_args):
        raise ValueError("no such file in the manifest")

    monkeypatch.setattr(errors, "render_to_string", broken)
    response = errors.page(rf.get("/"), 500)
    assert response.status_code == 500
    assert b"500 Internal Server Error" in response.content


def test_a_wrong_method_is_told_which_are_right(client, rep):
    client.force_login(rep)
    response = client.get("/account/theme/")
    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert b"takes no such request" in response.content


def test_a_form_that_was_open_too_long_says_so(rep):
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": rep.email})
    assert response.status_code == 403
    assert b"open too long" in response.content
