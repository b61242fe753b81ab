"""People who may be one another."""

import pytest

from contacts.models import Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from contacts.services import save_with_parts
from crm import history
from crm.duplicates import Suggestion
from tests.factories import crm


def person(owner, name="Ada Lovelacing", *, email="", mobile="", company=None, city=""):
    given, _space, family = name.partition(" ")
    parts = [EmailAddress(address=email)] if email else []
    parts += [PhoneNumber(number=mobile, kind="mobile")] if mobile else []
    parts += [PostalAddress(city=city)] if city else []
    with history.acting(owner, reason="test"):
        return save_with_parts(
            record=Person(given_name=given, family_name=family, owner=owner, company=company), parts=parts
        )


def state():
    """What is stored, without ids that differ from run to run."""
    rows = Suggestion.objects.order_by("kind", "left", "right")
    return [
        (row.kind, row.left, row.right, round(row.weight, 3), row.cluster, row.state, bytes(row.levels)) for row in rows
    ]


@pytest.fixture
def rep():
    return crm.user("Ingrid")
