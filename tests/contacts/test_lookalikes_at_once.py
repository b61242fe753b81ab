"""Many save the same person at the same moment: one record, or suggestions that put all of them together."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from contacts.models import Person
from crm.duplicates import Suggestion
from crm.events import delivering
from tests.factories import crm

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20
NONE = {f"{prefix}-{name}_FORMS": "0" for prefix in ("emails", "phones", "addresses") for name in ("TOTAL", "INITIAL")}
ADA = {
    **NONE, "given_name": "Ada", "family_name": "Lovelacing", "stage": "lead", "emails-TOTAL_FORMS": "1",
    "emails-0-address": "ada@kobelt.example", "emails-0-kind": "work",
}  # fmt: skip


def sent_at_once(users, **more):
    """Return the statuses of as many forms sent at the same time, each with a key of its own."""

    def send(number):
        client = Client(raise_request_exception=False)
        try:
            client.force_login(users[number % len(users)])
            return client.post("/people/new/", {**ADA, **more, "once": str(uuid4())}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(MANY) as threads:
        return sorted(threads.map(send, range(MANY)))


def people():
    return list(Person.objects.unscoped(because="a test counts").values_list("pk", flat=True).order_by("pk"))


def test_of_those_who_see_each_other_s_one_saves_and_the_others_are_told():
    assert sent_at_once([crm.user("Rep")]) == [302] + [422] * (MANY - 1)
    assert len(people()) == 1


def test_those_who_do_not_see_each_other_s_save_and_all_are_put_together():
    assert sent_at_once([crm.user(f"Rep{number}") for number in range(MANY)]) == [302] * MANY
    delivering.deliver()
    ids = people()
    assert len(ids) == MANY
    pairs = Suggestion.objects.filter(cluster=ids[0])
    assert {pk for row in pairs for pk in (row.left, row.right)} == set(ids)
