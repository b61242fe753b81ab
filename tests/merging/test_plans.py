"""The list of merges is read by an index, also among very many acts of other kinds and merges of others."""

from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Company, Person
from crm import merging
from crm.loading import store
from crm.merging import telling
from crm.merging.relations import every
from crm.undo import Act
from tests.factories import contacts, crm

pytestmark = pytest.mark.django_db
ACTS, EACH = 100_000, 20


@pytest.fixture
def boss():
    return crm.user("Boss", role="administrator")


def fill(boss, acts):
    """Write many acts, every twentieth a merge, of which every tenth is undone."""
    store(Person, [Person(given_name=f"P{number}", family_name="Many", owner=boss) for number in range(2_000)])
    ids = list(every(Person).order_by("pk").values_list("pk", flat=True))

    def act(number):
        if number % EACH:
            return Act(kind="crm.tag", by=boss, rows=1, facts={"kind": "contacts.person", "number": 1})
        pair = ids[number // EACH % len(ids)], ids[(number // EACH + 1) % len(ids)]
        facts = {"kind": "contacts.person", "record": pair[0], "merged": [pair[1]], "number": 2}
        return Act(kind="crm.merge", by=boss, rows=2, facts=facts, state="undone" if number % 200 == 0 else "done")

    Act.objects.bulk_create((act(number) for number in range(acts)), batch_size=10_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_act, contacts_person, contacts_company")


def plans(call):
    """Return the plans of the statements about acts that a call asks."""
    with CaptureQueriesContext(connection) as asked:
        call()
    statements = [one["sql"] for one in asked if "crm_act" in one["sql"] and one["sql"].startswith(("SELECT", "("))]
    found = []
    for statement in statements:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}")
            found.append("\n".join(line for (line,) in cursor.fetchall()))
    return found


def test_merges_are_found_by_an_index(boss):
    fill(boss, ACTS)
    rep = crm.user("Ingrid")
    own = contacts.person(rep), contacts.person(rep)
    act = merging.merge(Person, [one.pk for one in own], by=rep)
    for user, kinds in product((boss, rep), ([Person], [Person, Company])):
        assert user.access
        first = plans(lambda user=user, kinds=kinds: telling.merges(user, kinds))[0]
        assert "undo_act_merge" in first, first
        assert "Seq Scan on crm_act" not in first, first
        found, older = telling.merges(user, kinds)
        assert act in [one.act for one in found]
        assert (len(found), bool(older)) == ((1, False) if user is rep else (50, True))


def test_pages_hold_every_merge_once_the_newest_first(boss):
    fill(boss, ACTS // 10)
    seen, before = [], None
    for _page in range(4):
        found, before = telling.merges(boss, [Person, Company], before=before)
        seen += [one.act.pk for one in found]
    wanted = Act.objects.filter(kind="crm.merge", state="done").order_by("-pk").values_list("pk", flat=True)
    assert seen == list(wanted[: len(seen)])
    assert len(seen) == 4 * telling.PAGE
