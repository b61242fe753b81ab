"""What a user did, day by day: numbers for those who may know them, private talks for nobody but their owner."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import activity, history
from crm.activity import Span
from crm.models import Grant, User
from tests.factories import contacts, interactions

pytestmark = pytest.mark.django_db
EVERYBODY = {"owner", "teammate", "manager", "other", "newrep", "marketer", "agent", "auditor", "administrator"}


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def ada(cast):
    return contacts.person(None, given_name="Ada", family_name="Quill")


def figures(user, reader, days=30):
    found = activity.of(user, reader, Span.of(days))
    return {figure.key: found.total(figure) for figure in found.figures}


def test_talks_tasks_records_and_changes_are_counted(cast, ada):
    before = figures(cast.teammate, cast.manager)
    with history.acting(cast.teammate, reason="a test"):
        for kind in ("call", "call", "email", "meeting", "note"):
            interactions.talk(cast.teammate, people=[], kind=kind, outcome="")
        done = interactions.task(cast.teammate)
        interactions.services.set_done(task=done, done=True, by=cast.teammate)
        made = contacts.person(cast.teammate, emails=["new@mail.example"])
        made.job_title = "Countess"
        made.save()
    after = figures(cast.teammate, cast.manager)
    assert {key: after[key] - before[key] for key in after} == {
        "call": 2, "email": 1, "meeting": 1, "note": 1, "visit": 0, "feedback": 0, "request": 0, "task": 1,
        "created": 2,  # the task and the person; talks have figures of their own
        "changed": 2,  # the task done, the title: the address came with the person
    }  # fmt: skip


def test_what_is_private_counts_for_its_owner_alone(cast, ada):
    before = {name: figures(cast.owner, getattr(cast, name)) for name in ("owner", "manager", "administrator")}
    with history.acting(cast.owner, reason="a test"):
        talk = interactions.talk(cast.owner, people=[], is_private=True)
        talk.body = "Changed"
        talk.save()
        done = interactions.task(cast.owner, is_private=True)
        interactions.services.set_done(task=done, done=True, by=cast.owner)
    for name, earlier in before.items():
        now = figures(cast.owner, getattr(cast, name))
        grown = {key: now[key] - earlier[key] for key in now if now[key] != earlier[key]}
        assert grown == ({"call": 1, "task": 1, "created": 1, "changed": 2} if name == "owner" else {})


def test_the_trash_does_not_count(cast, ada):
    before = figures(cast.owner, cast.owner)["call"]
    talk = interactions.talk(cast.owner, people=[])
    assert figures(cast.owner, cast.owner)["call"] == before + 1
    interactions.services.trash_interaction(interaction=talk, by=cast.owner)
    assert figures(cast.owner, cast.owner)["call"] == before


@pytest.mark.parametrize(("zone", "day"), [("UTC", 1), ("Asia/Tokyo", 2)])
def test_days_are_the_viewers(cast, zone, day):
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False):
        interactions.talk(cast.owner, people=[], at=timezone.now().replace(day=1, hour=23))
        with timezone.override(zone):
            found = activity.of(cast.owner, cast.owner, Span.of(7))
    assert {on.day: number for on, number in found.numbers["call"].items()} == {day: 1}


def test_a_span_ends_today_and_holds_its_first_day(cast):
    for days, counts in ((6, 1), (7, 0)):
        before = figures(cast.owner, cast.owner, 7)["call"]
        interactions.talk(cast.owner, people=[], at=timezone.now() - timedelta(days=days))
        assert figures(cast.owner, cast.owner, 7)["call"] == before + counts


@pytest.mark.parametrize(
    ("reader", "seen"),
    [
        ("owner", {"owner"}),
        ("marketer", {"marketer"}),
        ("agent", {"agent"}),
        ("manager", {"manager", "owner", "teammate"}),
        ("auditor", EVERYBODY),
    ],
)  # fmt: skip
def test_whose_page_is_open_to_whom(cast, signed_in, reader, seen):
    client = signed_in(getattr(cast, reader))
    pages = {
        member.name: client.get(f"/users/{member.user.pk}/").status_code
        for member in cast
        if member.name != "anonymous"
    }
    assert {name for name, status in pages.items() if status == 200} == seen
    assert {status for name, status in pages.items() if name not in seen} <= {404}


def test_the_page_shows_figures_chart_table_and_newest_changes(cast, ada, signed_in):
    with history.acting(cast.teammate, reason="POST interactions:call_create"):
        interactions.talk(cast.teammate, people=[], subject="Prices")
    response = signed_in(cast.teammate).get(f"/users/{cast.teammate.pk}/?days=7")
    page = text_of(response)
    for words in ("Your activity", "Calls 1", "By day", "Today", "Newest changes", "Prices", "Entered in a form"):
        assert words in page, words
    assert 'class="b-1"' in response.content.decode()
    assert "All in History" not in page
    assert "All in History" in text_of(signed_in(cast.auditor).get(f"/users/{cast.teammate.pk}/"))


def test_a_user_who_did_nothing_gets_a_page_too(cast, signed_in):
    quiet = User.objects.get(pk=cast.newrep.pk)
    page = text_of(signed_in(quiet).get(f"/users/{quiet.pk}/"))
    assert "Nothing in these days" in page
    assert "No change is on record" in page


@pytest.mark.parametrize("days", ["0", "31", "x", "30; DROP", "٣"])
def test_other_spans_are_refused(cast, signed_in, days):
    assert signed_in(cast.owner).get(f"/users/{cast.owner.pk}/", {"days": days}).status_code == 400


def test_the_numbers_take_one_query_a_source_however_much_was_done(cast, ada):
    owner, reader = cast.owner, cast.manager
    assert reader.access.may("crm.activity", "view")

    def asked():
        with CaptureQueriesContext(connection) as captured:
            figures(owner, reader, 90)
        return len(captured)

    before = asked()
    with history.acting(owner, reason="a test"):
        for number in range(20):
            interactions.talk(owner, people=[], at=timezone.now() - timedelta(days=number))
    assert asked() == before == 3


def test_every_number_is_found_by_an_index(cast):
    """Owner and time, or user and time: no table is read through."""
    reader = cast.manager
    assert reader.access
    with CaptureQueriesContext(connection) as captured:
        figures(cast.owner, reader)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in captured.captured_queries:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan" not in plan, plan


def test_the_account_menu_leads_to_ones_own(cast, signed_in):
    link = f'href="/users/{cast.owner.pk}/"'
    assert link in signed_in(cast.owner).get("/").content.decode()
    Grant.objects.filter(role=cast.owner.role, kind="crm.activity").update(scope="none")
    assert link not in signed_in(cast.owner).get("/").content.decode()
