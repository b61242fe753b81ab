"""Lists: every row once in order, page by page and back; counts, filters, files, and what a URL may ask."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import NEVER_CONTACTED_FIRST, NONE_PLANNED_LAST, Person
from crm.listing import counting
from crm.listing.paging import Cursor, page
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


def test_a_file_takes_only_so_many_rows(cast, signed_in, crowd, monkeypatch):
    monkeypatch.setattr("crm.listing.export.MOST", 100)
    response = signed_in(cast.owner).get("/people/export/?q=crowd")
    assert (response.status_code, response.url) == (302, "/people/?q=crowd")


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
