"""Who works with duplicates."""

import pytest

from tests.factories import crm


@pytest.fixture
def rep():
    return crm.user("Ingrid", team=crm.team("Nordics"))


@pytest.fixture
def mate(rep):
    return crm.user("Arjun", team=rep.team)


@pytest.fixture
def signed(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in
