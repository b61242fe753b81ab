"""Who works with duplicates."""

import pytest

from contacts.models import Person
from crm import duplicates
from crm.models import Grant
from tests.factories import crm


@pytest.fixture
def boss():
    return crm.user("Boss", role="administrator")


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


@pytest.fixture
def keeper(rep):
    """Somebody who administers and changes only what is their own."""
    role = crm.role("Keeper", like="rep")
    Grant.objects.filter(role=role, kind="crm.administration").update(scope="all")
    Grant.objects.get_or_create(role=role, kind="crm.administration", action="view", defaults={"scope": "all"})
    return crm.user("Keeper", role=role.key, team=rep.team)


@pytest.fixture
def people():
    return duplicates.kind_of(Person)
