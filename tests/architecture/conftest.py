"""What the tests of the whole house share: the cast, its browsers, and a clock that does not hurry."""

import pytest
from django.test import Client

from tests.cast import _module_rows, cast, world  # noqa: F401


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch):
    """Lists without an index answer late rather than in part: a busy machine changes no page."""
    monkeypatch.setattr("crm.listing.views.UNINDEXED_LIMIT", 30_000)


def sign_in(user):
    """Return a client signed in as the user, showing the page for a fault instead of raising it."""
    client = Client(raise_request_exception=False)
    if user.is_authenticated:
        client.force_login(user)
    return client


@pytest.fixture
def signed_in():
    return sign_in
