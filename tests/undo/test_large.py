"""Ten thousand at once: as few statements as there are steps, and everything that follows is right again."""

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Person
from crm import undo
from crm.history import acting
from crm.jobs import enqueue, work_off
from crm.loading import store
from interactions.models import Interaction, Participation
from tests.undo.conftest import values

pytestmark = pytest.mark.django_db
A_STEP = 40  # statements: of a step of 500 rows, however many there are


@pytest.fixture(params=[1_200, pytest.param(10_000, marks=pytest.mark.long)])
def many(cast, request):
    """People with a talk each: their ids, and the talks' ids."""
    now = timezone.now()
    store(Person, [Person(given_name=f"P{n}", family_name="Large", owner=cast.owner) for n in range(request.param)])
    people = Person.objects.unscoped(because="a test makes").filter(family_name="Large")
    people.update(team=cast.north)
    ids = list(people.order_by("pk").values_list("pk", flat=True))
    talks = Interaction.objects.unscoped(because="a test makes").bulk_create(
        Interaction(kind="call", outcome="reached", at=now, owner=cast.owner, team=cast.north) for _ in ids
    )
    Participation.objects.unscoped(because="a test makes").bulk_create(
        Participation(interaction=talk, person_id=pk, at=now) for talk, pk in zip(talks, ids, strict=True)
    )
    people.update(last_contacted_at=now)
    with connection.cursor() as cursor:  # what autovacuum does elsewhere
        cursor.execute("ANALYZE contacts_person, interactions_interaction, interactions_participation")
    return ids, [talk.pk for talk in talks]


def rows_of(model, ids):
    return model.objects.unscoped(because="a test looks").filter(pk__in=ids)


def test_a_whole_list_in_the_trash_and_back(cast, many):
    ids, _talks = many
    number = len(ids)
    with acting(cast.owner, reason="a test"):
        query = {"kind": "contacts.person", "query": "q=large", "change": "trash", "value": None}
        job = enqueue("crm.change_many", by=cast.owner, **query)
        work_off()
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"changed": number})
    act = undo.Act.objects.get(job=job)
    assert (act.rows, act.state) == (number, "done")
    act = undo.undo(act, by=cast.owner)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        work_off()
    act.refresh_from_db()
    assert (act.state, act.outcome) == ("undone", {"restored": number, "why": {}})
    assert rows_of(Person, ids).filter(trashed_at=None).count() == number
    assert len(asked) < A_STEP * (number // 500 + 3)


def test_dates_of_ten_thousand_follow_their_talks(cast, many):
    ids, talks = many
    number = len(ids)
    with undo.recording("crm.trash", by=cast.owner) as act:
        rows_of(Interaction, talks).update(trashed_at=timezone.now(), trashed_by=cast.owner)
    rows_of(Person, ids).update(last_contacted_at=None)
    undo.undo(act, by=cast.owner)
    with CaptureQueriesContext(connection) as asked:
        work_off()
    assert values(rows_of(Person, ids[-1:]).get(), "last_contacted_at") != (None,)
    held = Participation.objects.unscoped(because="a test looks").filter(person__in=ids)
    assert held.filter(at=F("person__last_contacted_at")).count() == number
    assert len(asked) < A_STEP * (number // 500 + 3)
