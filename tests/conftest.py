"""What every test may use. Servers for the run come from crm.embedded.testing (see pyproject.toml)."""

import pytest
from hypothesis import settings as hypothesis_settings

hypothesis_settings.register_profile("cornerstone", deadline=None, max_examples=60)
hypothesis_settings.load_profile("cornerstone")


@pytest.fixture(autouse=True)
def an_open_broker():
    """A test that lost the broker does not keep the next one from waking workers."""
    from crm.jobs import asking

    asking.quiet_until = 0.0
    yield
    asking.quiet_until = 0.0


@pytest.fixture
def lenient_client(client):
    """A browser: it shows the page for a fault instead of raising it."""
    client.raise_request_exception = False
    return client


@pytest.fixture
def our_requests(monkeypatch):
    """The test client makes the same kind of request as the server."""
    from crm.requests import Request

    monkeypatch.setattr("django.test.client.WSGIRequest", Request)
