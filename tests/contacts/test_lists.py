"""Lists: every row once in order, page by page and back; counts, filters, files, and what a URL may ask."""

import csv
import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from contacts.models import NEVER_CONTACTED_FIRST, NONE_PLANNED_LAST, Person
from crm.jobs import enqueue, work_off
from crm.listing import counting, export
from crm.listing.paging import Cursor, page
from crm.models import Grant
from crm.planner import TooSlow
from crm.sentinels import EARLIEST, LATEST
from tests.factories import contacts, crm

pytestmark = pytest.mark.django_db
MOMENTS = [None, *(datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))]
ORDERS = {
    "name": (F("sort_name"), lambda row: row.sort_name),
    "last contacted": (NEVER_CONTACTED_FIRST, lambda row: row.last_contacted_at or EARLIEST),
    "next activity": (NONE_PLANNED_LAST, lambda row: row.next_activity_at or LATEST),
    "stage": (F("stage"), lambda row: row.stage),
}


def quick_people(owners, rows):
    """Write many people at once, past the gate: `rows` of (whose, name, last contacted, next activity, stage)."""
    people = [
        Person(
            owner=owners[whose],
            team=owners[whose].team,
            given_name=name,
            family_name="Row",
            sort_name=name.lower(),
            words=[name.lower()],
            last_contacted_at=last,
            next_activity_at=following,
            stage=stage,
        )
        for whose, name, last, following, stage in rows
    ]
    return Person.objects.bulk_create(people)


# Keyset paging


@pytest.fixture
def owners(cast):
    """Three people whose records the manager sees through three branches, and one whose records they do not."""
    east = crm.team("East", parent=cast.manager.team)
    return [cast.manager, cast.owner, crm.user(team=east), cast.other]


row = st.tuples(
    st.integers(0, 3),
    st.sampled_from(["ada", "adam", "Zoë", "zz"]),
    st.sampled_from(MOMENTS),
    st.sampled_from(MOMENTS),
    st.sampled_from(["lead", "customer"]),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(row, max_size=14),
    order=st.sampled_from(sorted(ORDERS)),
    descending=st.booleans(),
    size=st.integers(1, 5),
    reader=st.sampled_from(["manager", "administrator", "newrep"]),
)
def test_walking_there_and_back_gives_each_row_once(cast, owners, rows, order, descending, size, reader):
    user = getattr(cast, reader)
    expression, key = ORDERS[order]
    with transaction.atomic():
        made = quick_people(owners, rows)
        branches = [rows.filter(pk__in=[row.pk for row in made]) for rows in Person.objects.branches(user)]
        seen = {"administrator": made, "newrep": []}.get(reader, [row for row in made if row.owner != cast.other])
        expected = [row.pk for row in sorted(seen, key=lambda row: (key(row), row.pk), reverse=descending)]

        def walk(cursor, onward):
            while True:
                found = page(branches, order=expression, descending=descending, cursor=cursor, size=size)
                yield found
                cursor = getattr(found, onward)
                if cursor is None:
                    return
                cursor = Cursor.parse(str(cursor))

        there = list(walk(None, "next"))
        assert [row.pk for found in there for row in found.rows] == expected
        assert [found.start for found in there if found.rows] == list(range(1, len(expected) + 1, size))
        assert all(len(found.rows) == size for found in there[:-1])
        back = list(walk(there[-1].previous, "previous")) if there[-1].previous else []
        assert [row.pk for found in reversed(back) for row in found.rows] == expected[
            : len(expected) - len(there[-1].rows)
        ]
        assert [found.start for found in reversed(back)] == [found.start for found in there[:-1]]
        transaction.set_rollback(True)


def test_several_branches_really_are_walked(cast, owners):
    assert len(Person.objects.branches(cast.manager)) > 2
    assert len(Person.objects.branches(cast.administrator)) == 1
    assert Person.objects.branches(cast.anonymous) == []


def test_a_row_removed_or_added_between_pages_moves_no_other(cast):
    people = quick_people([cast.owner], [(0, name, None, None, "lead") for name in "abdefg"])
    branches = Person.objects.branches(cast.newrep) + [
        Person.objects.visible_to(cast.owner).filter(given_name__in="abcdefg")
    ]
    first = page(branches, order=F("sort_name"), descending=False, size=3)
    people[1].trash(by=cast.owner)
    quick_people([cast.owner], [(0, "c", None, None, "lead")])
    second = page(branches, order=F("sort_name"), descending=False, cursor=first.next, size=3)
    assert [row.given_name for row in first.rows + second.rows] == ["a", "b", "d", "e", "f", "g"]


NOT_A_CURSOR = [
    "x",
    "W10",
    "e30",
    "WyJzIl0",
    "é",
    "W1tdLDEsMSwxLDFd",
    "WyJzIiwieCIsdHJ1ZSwwLDBd",
    "A" * 3000,
    "WyJ0IiwieCIsMSwwLDBd",
]


@pytest.mark.parametrize("text", NOT_A_CURSOR)
def test_what_is_no_cursor_is_a_bad_request(cast, signed_in, text):
    with pytest.raises(BadRequest):
        Cursor.parse(text)
    for url in ("/people/", "/companies/", "/people/trash/"):
        assert signed_in(cast.owner).get(url, {"after": text}).status_code == 400


@pytest.mark.parametrize("key", ["x", 5, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC).date()])
@pytest.mark.parametrize("sort", ["name", "-last_contacted", "next_activity", "stage", "created", "-changed"])
def test_a_cursor_of_another_order_is_a_bad_request_and_never_a_fault(cast, signed_in, key, sort):
    fits = isinstance(key, datetime) if sort not in ("name", "stage") else isinstance(key, str)
    response = signed_in(cast.owner).get("/people/", {"sort": sort, "after": str(Cursor(key, 1))})
    assert response.status_code == (200 if fits else 400)


# Counts


def test_a_count_is_bounded_and_counts_a_row_of_two_branches_once(cast):
    quick_people([cast.owner], [(0, "n", None, None, "lead")] * 12)
    mine = Person.objects.visible_to(cast.owner).filter(given_name="n")
    assert str(counting.bounded([mine, mine], bound=20)) == "12"
    assert str(counting.bounded([mine, mine], bound=10)) == "10+"
    assert str(counting.bounded([])) == "0"


def test_a_long_list_says_how_long_at_least(cast, signed_in):
    quick_people([cast.owner], [(0, "n", None, None, "lead")] * (counting.BOUND + 1))
    text = signed_in(cast.owner).get("/people/").content.decode()
    assert "1–50 of 1,000+" in text


# The page and the file


@pytest.fixture
def crowd(cast):
    """120 people of the owner, three a day."""
    today = timezone.now()
    rows = [(0, f"crowd{number:03}", today - timedelta(days=number // 3), None, "lead") for number in range(120)]
    return quick_people([cast.owner], rows)


def names_on(response):
    return re.findall(r"crowd\d\d\d", re.sub(r'title="[^"]*"', "", response.content.decode()))


def walked(client, url):
    """Return the names on all pages of a list, following "next" as a reader does."""
    names = []
    while url:
        response = client.get(url)
        names += list(dict.fromkeys(names_on(response)))
        following = re.search(r'rel="next" href="([^"]+)"', response.content.decode())
        url = f"/people/{unescape(following[1])}" if following else ""
        assert len(names) <= 120, "a page leads back"
    return names


def exported(client, query):
    response = client.get(f"/people/export/?{query}")
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


@pytest.mark.parametrize(
    "query", ["sort=name", "sort=-name", "sort=last_contacted&stage=lead", "q=crowd0&sort=-last_contacted"]
)
def test_the_file_is_exactly_the_view(cast, signed_in, crowd, query):
    client = signed_in(cast.owner)
    shown = walked(client, f"/people/?{query}")
    written = [row[0].split()[0] for row in exported(client, f"{query}&columns=name")[1:]]
    assert [name for name in written if name.startswith("crowd")] == shown
    assert len(shown) == (100 if "q=" in query else 120)


def test_the_file_has_the_columns_of_the_view_in_their_order(cast, signed_in, crowd):
    head, *rows = exported(signed_in(cast.owner), "columns=stage,name,tags&sort=name&q=crowd00")
    assert head == ["Stage", "Name", "Tags"]
    assert rows[0] == ["Lead", "crowd000 Row", ""]


def test_what_one_may_see_but_not_take_away_is_not_in_the_file(world, signed_in):
    client = signed_in(world.cast.teammate)
    assert str(world["person"]) in client.get("/people/").content.decode()
    assert str(world["person"]) not in client.get("/people/export/").getvalue().decode()


def test_a_cell_that_begins_like_a_formula_is_text(cast, signed_in):
    contacts.person(cast.owner, given_name="=cmd|' /C calc'!A0", family_name="Evil", job_title="+1+1")
    cells = [cell for row in exported(signed_in(cast.owner), "columns=name,job_title&q=evil") for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]


def sheet(content):
    """Return the rows of the only sheet of an Excel file."""
    return [list(row) for row in load_workbook(io.BytesIO(content), read_only=True).active.values]


def test_excel_gets_the_same_cells_and_takes_none_for_a_formula(cast, signed_in, crowd):
    contacts.person(cast.owner, given_name="=1+1", family_name="Crowdlike", job_title="@SUM(A1)")
    client, query = signed_in(cast.owner), "columns=name,job_title,tags&q=crowd&sort=name"
    as_excel = sheet(client.get(f"/people/export/?form=xlsx&{query}").getvalue())
    assert as_excel[0] == ["Name", "Job title", "Tags"]
    assert ["=1+1 Crowdlike", "@SUM(A1)", None] in as_excel
    assert len(as_excel) == len(exported(client, query))


# A file too long to wait for


@pytest.fixture
def small_files(monkeypatch):
    monkeypatch.setattr("crm.listing.export.MOST", 50)
    monkeypatch.setattr("crm.tasks.PART_ROWS", 30)


def made(client, query):
    """Ask for a file and have it made; return the job's page."""
    offer = client.get(f"/people/export/?{query}")
    assert (offer.status_code, "Make the file" in offer.content.decode()) == (200, True)
    page = client.post(f"/people/export/?{query}").url
    work_off()
    return page


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_long_file_is_made_by_a_job_and_is_the_view(cast, signed_in, crowd, small_files, monkeypatch, form):
    client, query = signed_in(cast.owner), f"form={form}&q=crowd&sort=-last_contacted&columns=name,last_contacted"
    page = made(client, query)
    assert f"{page}file/" in client.get(page).content.decode()
    file = client.get(f"{page}file/").getvalue()
    monkeypatch.setattr("crm.listing.export.MOST", 10_000)
    at_once = client.get(f"/people/export/?{query}").getvalue()
    assert (file == at_once) if form == "csv" else (sheet(file) == sheet(at_once))


def test_only_who_asked_gets_the_file_and_only_while_they_may(cast, signed_in, crowd, small_files):
    client = signed_in(cast.owner)
    page = made(client, "q=crowd")
    assert signed_in(cast.administrator).get(f"{page}file/").status_code == 404
    assert f"{page}file/" not in signed_in(cast.administrator).get(page).content.decode()
    Grant.objects.filter(role=cast.owner.role, kind="contacts.person", action="export").delete()
    assert signed_in(cast.owner).get(f"{page}file/").status_code == 404


def test_a_worker_that_takes_over_goes_on_where_the_file_ends(cast, signed_in, crowd, small_files, monkeypatch):
    client, texts = signed_in(cast.owner), export.csv_text
    written = []

    def dies_once(rows):
        written.append(len(rows))
        if len(written) == 4:  # the head and two parts are written
            raise OSError("the worker is gone")
        return texts(rows)

    monkeypatch.setattr("crm.listing.export.csv_text", dies_once)
    page = made(client, "q=crowd&columns=name&sort=name")
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        work_off()
    rows = list(csv.reader(io.StringIO(client.get(f"{page}file/").getvalue().decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Name", *(f"crowd{number:03} Row" for number in range(120))]


def test_a_worker_that_has_served_no_page_knows_the_lists():
    asks = "import django; django.setup(); from crm.listing import asked; print(*asked.lists())"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "crm.settings", "CORNERSTONE_PROCESS": "test"}
    found = subprocess.run([sys.executable, "-c", asks], env=environment, capture_output=True, text=True, check=True)
    assert {"contacts.person", "contacts.company"} <= set(found.stdout.split())


def test_nobody_can_have_a_list_made_that_is_none(cast):
    job = enqueue("crm.export_list", by=cast.owner, kind="crm.user", query="", form="csv")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        work_off()
    job.refresh_from_db()
    assert (job.state, job.result) != ("done", {})
    assert not job.parts.exists()


# Filters


@pytest.fixture
def mixed(cast):
    now = timezone.now()
    firm = contacts.company(cast.owner, name="Filter Works")
    made = {
        "lead": {"stage": "lead", "last_contacted_at": None},
        "recent": {"stage": "customer", "last_contacted_at": now - timedelta(days=3), "source": "referral"},
        "quiet": {"stage": "qualified", "last_contacted_at": now - timedelta(days=45), "tags": ["vip"]},
        "late": {"next_activity_at": now - timedelta(days=1), "company": firm},
        "soon": {"next_activity_at": now + timedelta(days=3)},
        "abroad": {"addresses": [{"city": "Paris", "country": "FR"}]},
        "old": {"created_at": now - timedelta(days=400)},
    }
    people = {
        name: contacts.person(cast.owner, given_name=f"F{name}", family_name="X", **fields)
        for name, fields in made.items()
    }
    people["theirs"] = contacts.person(cast.teammate, given_name="Ftheirs", family_name="X")
    people["hidden"] = contacts.person(cast.other, given_name="Fhidden", family_name="X", company=firm, tags=["vip"])
    return people


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=flead", {"lead"}),
        ("q=fl", {"lead", "late"}),
        ("stage=customer", {"recent"}),
        ("stage=customer&stage=qualified", {"recent", "quiet"}),
        ("owner=me&q=x", {"lead", "recent", "quiet", "late", "soon", "abroad", "old"}),
        ("owner=nobody", set()),
        ("owner={teammate}", {"theirs"}),
        ("owner={other}", set()),
        ("team={abroad}", set()),
        ("contacted=7", {"recent"}),
        ("contacted=not30&contacted=not30&stage=qualified", {"quiet"}),
        ("contacted=30", {"recent"}),
        ("next=late", {"late"}),
        ("next=week", {"soon"}),
        ("country=FR", {"abroad"}),
        ("source=referral", {"recent"}),
        ("tag=vip", {"quiet"}),
        ("created_before=2025-12-31&q=x", {"old"}),
        ("company={firm}", {"late"}),
        ("stage=customer&stage=bogus", set()),
        ("owner=0", set()),
        ("country=XX", set()),
        ("company=987654321", set()),
        ("created_after=2026-02-30", set()),
    ],
)
def test_a_filter_narrows_the_list_and_its_file(cast, signed_in, mixed, query, expected):
    names = {
        "teammate": cast.teammate.pk,
        "other": cast.other.pk,
        "abroad": cast.abroad.pk,
        "firm": mixed["late"].company_id,
    }
    client, query = signed_in(cast.owner), query.format(**names)
    text = client.get(f"/people/?{query}").content.decode()
    assert {name for name in mixed if f">F{name} X<" in text} == expected
    response = client.get(f"/people/export/?{query}&columns=name,owner")
    if response.status_code == 200:
        text = response.getvalue().decode()
        assert {name for name in mixed if f"F{name} X" in text} == expected - {"theirs"}
    else:
        assert (response.status_code, expected) == (404, set())


def test_filters_stand_over_the_list_as_words_that_can_be_taken_away(cast, signed_in, mixed):
    text = signed_in(cast.owner).get("/people/?stage=customer&tag=vip&sort=name").content.decode()
    assert "Customer" in text
    assert "?stage=customer&amp;sort=name" in text
    assert "?tag=vip&amp;sort=name" in text


# What a URL may ask


@pytest.mark.parametrize(
    "query",
    ["sort=owner__password", "sort=-nothing", "columns=password,__class__", "columns=", "sort=", "unknown=1", "after="],
)
def test_unknown_orders_and_columns_give_the_usual_list(cast, signed_in, mixed, query):
    text = signed_in(cast.owner).get(f"/people/?{query}").content.decode()
    assert "Flead X" in text
    assert "argon2" not in text


def test_a_list_asked_for_by_htmx_is_its_part(cast, signed_in, mixed):
    text = signed_in(cast.owner).get("/people/", headers={"HX-Request": "true"}).content.decode()
    assert "Flead X" in text
    assert "<html" not in text


def test_a_list_too_slow_to_sort_shows_some_and_says_so(cast, signed_in, mixed, monkeypatch):
    def slow(*args, **kwargs):
        raise TooSlow

    monkeypatch.setattr("crm.listing.found.paging.page", slow)
    text = signed_in(cast.owner).get("/people/?sort=stage").content.decode()
    assert "Flead X" in text
    assert "narrow" in text.lower()
