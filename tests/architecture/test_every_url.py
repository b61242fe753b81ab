"""Every URL pattern, asked with every method by the whole cast, answers as docs/access.md says."""

import re

import pytest
from django.core.management import call_command
from django.db import transaction
from django.http import SimpleCookie
from django.test import Client

from crm.checks import url_map
from crm.duplicates import Suggestion
from crm.jobs import Job
from crm.mailing import OutgoingMail
from crm.models import ReceivedMail, User
from crm.pages import PUBLIC, SIGNED_IN
from crm.saved_views import SavedView
from crm.undo import Act
from tests.architecture.pages import EVERY, PAGES
from tests.architecture.test_access_table import table
from tests.forms import filled

pytestmark = pytest.mark.django_db
TABLE = table()
MISSING = 2**40


def simplified(route):
    """Return a route as PAGES names it: regular expressions without their anchors and patterns."""
    return re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", route).replace("^", "").removesuffix("$")


PERMISSIONS = {simplified(route): pattern.callback.permission for route, pattern in url_map()}


def test_every_url_is_known_here():
    assert set(PERMISSIONS) == set(PAGES)


# What docs/access.md promises, computed from its table and from who owns what


def scope_of(member, kind, action):
    return TABLE.get((member.role, kind, action), "none")


def reaches_user(member, user, area):
    """Whether the table lets this member see another user's page of an area."""
    scope = scope_of(member, area, "view")
    return scope == "all" or user == member.user or (scope == "team" and user.team_id in member.teams)


def reaches(member, record, action, kind=None):
    """Whether the table lets this member do `action` with a record, or enter an area for a team or role."""
    kind = kind or record.record_kind()
    scope = scope_of(member, kind, action)
    if kind.startswith("crm."):
        return scope == "all"
    own, of_team = record.owner_id == member.user.pk, record.team_id in member.teams
    if kind.startswith("contacts."):
        return scope == "all" or (scope in ("own", "team") and own) or (scope == "team" and of_team)
    return scope != "none" and (own or (not record.is_private and _reaches_shared(member, record, action, scope)))


def _reaches_shared(member, record, action, scope):
    if scope == "all":
        return True
    if action == "view":
        return any(reaches(member, whole, "view") for whole in record.wholes_in_test)
    return scope == "team" and record.team_id in member.teams


def is_theirs(member, record, to_read=False):
    """Whether something of a user's own is this member's; administrators see that jobs, acts and mails are there."""
    if isinstance(record, Job | Act):
        whose = record.asked_by_id if isinstance(record, Job) else record.by_id
        return member.role == "administrator" or whose == member.user.pk
    if isinstance(record, OutgoingMail):
        return (member.role == "administrator" and not to_read) or record.by_id == member.user.pk
    if isinstance(record, ReceivedMail):
        return record.reader_in_test == member.user.pk
    if isinstance(record, Suggestion):
        return all(reaches(member, one, "edit") for one in record.pair_in_test)
    owner_id = record.owner_id if isinstance(record, SavedView) else record.user_id
    return owner_id == member.user.pk


def expected(member, route, method, record):
    """Return the status the member gets for a method of a page, `record` standing for its id."""
    page, permission = PAGES[route], PERMISSIONS[route]
    anonymous = member.name == "anonymous"
    if permission == PUBLIC:
        return _answered(page, method, anonymous)
    if anonymous:
        return 302
    if permission == SIGNED_IN:
        hidden = record is not None and method in page.takes and not is_theirs(member, record, page.framed)
        return 404 if hidden else _answered(page, method, anonymous)
    action, kind = permission.split()
    if scope_of(member, kind, action) == "none":
        return 404
    of_area = kind if kind.startswith("crm.") else None
    if isinstance(record, User):
        reached = reaches_user(member, record, kind)
    else:
        reached = record is None or method == "OPTIONS" or reaches(member, record, page.also or action, of_area)
    return _answered(page, method, anonymous) if reached or method not in page.takes else 404


def _answered(page, method, anonymous):
    if method not in page.takes:
        return 405
    status = page.done if method == "POST" else 200 if method == "OPTIONS" else page.found
    return status if isinstance(status, int) else status[0 if anonymous else 1]


# Asking


@pytest.fixture(scope="module")
def everyone(world):
    """Return [(member, client)], each signed in, with a second world of another team beside the owner's."""
    for prefix in ("", "other_"):
        for name in (
            "interaction",
            "private_interaction",
            "trashed_interaction",
            "task",
            "private_task",
            "trashed_task",
        ):
            world[f"{prefix}{name}"].wholes_in_test = [world[f"{prefix}person"], world[f"{prefix}company"]]
    pairs = []
    for member in world.cast:
        client = Client(raise_request_exception=False)
        if member.name != "anonymous":
            client.force_login(member.user)
        pairs.append((member, client))
    return pairs


@pytest.fixture(scope="module")
def bodies(world, everyone):
    """Return `body(route, record)`: what the form of a page sends, as its owner's browser has it."""
    clients = {member.name: client for member, client in everyone}
    found = {}
    ids = {"rep": world.cast.owner.role_id, "teammate": world.cast.teammate.pk}

    def said(value):
        return value.format(**ids)

    def body(route, record):
        page, key = PAGES[route], (route, record and record.pk)
        if key not in found:
            found[key] = {name: said(value) for name, value in page.sends}
            if page.having:
                own = record is None or record in world.records_of("")
                owner = clients[page.by or ("owner" if own else "other")]
                found[key] = filled(owner.get(address(route, record)), page.having, **found[key])
        return found[key]

    return body


def address(route, record):
    pk = record.pk if hasattr(record, "pk") else record
    found = "/" + re.sub(r"<id:pk>", str(pk), route).replace("<uidb36>-<key>", "x1-abc-def")
    return found.replace("<int:number>", "0").replace("<slug:key>", f"file-{pk}")


def ask(client, method, url, body):
    """Return (status, body bytes) of a request, with whatever it changed taken back; cookies too."""
    cookies = SimpleCookie({name: morsel.value for name, morsel in client.cookies.items()})
    with transaction.atomic():
        response = client.generic(method, url) if method != "POST" else client.post(url, body)
        content = response.getvalue()
        transaction.set_rollback(True)
    client.cookies = cookies
    if response.status_code == 302 and response.headers["Location"].startswith("/accounts/login/?next="):
        return 302, b"sign in"
    return response.status_code, content


def masked(content, pk):
    return re.sub(rb"\b(%d|%d)\b" % (pk, MISSING), b"ID", content)


@pytest.mark.parametrize("route", sorted(PAGES))
def test_a_url_answers_everybody_as_the_table_says(route, world, everyone, bodies):
    name = PAGES[route].record
    wrong = []
    for record in [world[name], world[f"other_{name}"]] if name else [None]:
        for member, client in everyone:
            for method in EVERY if record is None or record is world[name] else ("GET", "POST"):
                body = bodies(route, record) if method == "POST" and "POST" in PAGES[route].takes else {}
                status, content = ask(client, method, address(route, record), body)
                promised = expected(member, route, method, record)
                if status != promised:
                    wrong.append(f"{member.name} {method} {record}: {status}, not {promised}")
                elif record is not None and status == 404:
                    missing = ask(client, method, address(route, MISSING), body)
                    if (404, masked(content, record.pk)) != (missing[0], masked(missing[1], record.pk)):
                        wrong.append(f"{member.name} {method}: hidden is told from missing")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["private_interaction", "private_task"])
def test_what_is_private_is_its_owners_alone(name, world, everyone):
    url = "interactions" if "interaction" in name else "tasks"
    wrong = []
    for member, client in everyone:
        for verb, method in (("edit", "GET"), ("changes", "GET"), ("trash", "POST"), ("restoration", "POST")):
            status, _content = ask(client, method, f"/{url}/{world[name].pk}/{verb}/", {})
            own = (302 if method == "POST" else 200) if verb != "restoration" else 404
            promised = {"owner": own, "anonymous": 302}.get(member.name, 404)
            if status != promised:
                wrong.append(f"{member.name} {verb}: {status}, not {promised}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["person", "company"])
def test_what_is_in_the_trash_shows_to_those_who_may_take_it_back(name, world, everyone):
    record, url = world[f"trashed_{name}"], {"person": "people", "company": "companies"}[name]
    wrong = []
    for member, client in everyone:
        for page in ("", "edit/", "changes/"):
            status, content = ask(client, "GET", f"/{url}/{record.pk}/{page}", {})
            told = str(record).encode() in content
            if member.name == "anonymous":
                right = status == 302
            else:
                right = status == 404 and told == (page == "" and reaches(member, record, "trash"))
            if not right:
                wrong.append(f"{member.name} {page}: {status}, named: {told}")
        listed = str(record).encode() in ask(client, "GET", f"/{url}/trash/", {})[1]
        if listed != (member.name != "anonymous" and reaches(member, record, "trash")):
            wrong.append(f"{member.name} trash list: {listed}")
    assert not wrong, "\n".join(wrong)


def test_the_urls_command_prints_the_map(capsys):
    call_command("urls")
    head, *lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert head == ["pattern", "app", "methods", "permission", "public"]
    printed = {simplified(pattern[1:]): rest for pattern, *rest in lines}
    assert set(printed) == set(PAGES)
    assert {route: sorted(rest[1].split()) for route, rest in printed.items()} == {
        route: sorted(page.takes) for route, page in PAGES.items()
    }
    assert {route: rest[2:] for route, rest in printed.items()} == {
        route: [permission, "public" if permission == PUBLIC else "not public"]
        for route, permission in PERMISSIONS.items()
    }
