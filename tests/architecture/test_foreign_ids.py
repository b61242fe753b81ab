"""Ids of what one may not see or give away, in every field of every form: nothing is changed, nothing is told."""

import pytest
from django.db import transaction

from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm.audit.events import kinds
from interactions.models import Participation
from tests.architecture.pages import PAGES
from tests.architecture.test_every_url import address, simplified
from tests.forms import filled

pytestmark = pytest.mark.django_db
PARTS = {"emails": EmailAddress, "phones": PhoneNumber, "addresses": PostalAddress}
FORMS = sorted(route for route, page in PAGES.items() if page.having and not route.startswith("account"))


def foreign(name, world, page):
    """Return the id, of another team's, that a field of this name could be sent with; None for other fields.

    To administrators no user is foreign.
    """
    last = name.split("-")[-1]
    if last == "owner" and page.by == "administrator":
        return None
    if last == "id":
        part = PARTS[name.split("-")[0]]
        return part.objects.of(world["other_person"]).values_list("pk", flat=True).first()
    named = {"person": world["other_person"], "company": world["other_company"], "owner": world.cast.other}
    return named[last].pk if last in named else None


def written():
    """Return how often anything was written so far."""
    events = [kind.events.objects.count() for kind in kinds()]
    return [*events, Participation.objects.unscoped(because="a test counts").count()]


def of_others(world):
    """Return the parts of the other team's records, as they are."""
    whole = (world["other_person"], world["other_company"])
    return [sorted(part.objects.of(*whole).values_list(), key=str) for part in PARTS.values()]


def sender(page, world):
    """Return who has the form: the owner of the records, or an administrator."""
    return getattr(world.cast, page.by or "owner")


@pytest.mark.parametrize("route", FORMS)
def test_a_foreign_id_in_any_field_changes_nothing(route, world, signed_in):
    page = PAGES[route]
    record = world[page.record] if page.record else None
    client, url = signed_in(sender(page, world)), address(simplified(route), record)
    form = filled(client.get(url), page.having, **dict(page.sends))
    tried = {name: pk for name in form if (pk := foreign(name, world, page)) is not None}
    for name, pk in tried.items():
        before, theirs = written(), of_others(world)
        with transaction.atomic():
            response = client.post(url, {**form, name: pk})
            now, theirs_now = written(), of_others(world)
            transaction.set_rollback(True)
        assert theirs_now == theirs, name
        if (
            "-" not in name
        ):  # in a row of a part, whose it is follows from the address; an id that is not theirs is none
            assert response.status_code in (404, 422), (name, response.status_code)
            assert now == before, name
        for secret in ("Farquhar", "Quixotic"):
            assert secret not in response.content.decode(), name


def test_there_are_fields_to_try(world, signed_in):
    """The forms of people, tasks and talks name others: else the test above looks at nothing."""
    found = set()
    for route in FORMS:
        page = PAGES[route]
        client = signed_in(sender(page, world))
        form = filled(client.get(address(route, world[page.record] if page.record else None)), page.having)
        found |= {name.split("-")[-1] for name in form if foreign(name, world, page) is not None}
    assert {"id", "person", "company", "owner"} <= found
