"""The table of docs/access.md is what a fresh site gets: no cell more, none less."""

import re
from pathlib import Path

import pytest

from crm.access import ACTIONS, ROLES, SCOPES, Access, areas, policies
from crm.models import Grant, Role

DOCUMENT = Path(__file__).parents[2] / "docs" / "access.md"


def table():
    """Return {(role, kind, action): scope} as docs/access.md states it. Every cell must be a known scope."""
    rows = re.findall(r"^\|(.+)\|$", DOCUMENT.read_text(), flags=re.MULTILINE)
    head, _rule, *body = [[cell.strip() for cell in row.split("|")] for row in rows]
    assert head == ["role", "kind", *ACTIONS]
    stated = {
        (role, kind, action): scope
        for role, kind, *scopes in body
        for action, scope in zip(ACTIONS, scopes, strict=True)
    }
    assert len(stated) == len(body) * len(ACTIONS), "a role and kind stands twice"
    assert set(stated.values()) <= set(SCOPES)
    return stated


def test_the_table_names_every_role_kind_and_action():
    kinds = {**policies(), **areas()}
    assert set(table()) == {(role, kind, action) for role in ROLES for kind in kinds for action in ACTIONS}


@pytest.mark.django_db
def test_a_fresh_site_has_the_grants_of_the_table():
    installed = {
        (grant.role.key, grant.kind, grant.action): grant.scope for grant in Grant.objects.select_related("role")
    }
    assert {key: scope for key, scope in table().items() if scope != "none"} == {
        key: scope for key, scope in installed.items() if scope != "none"
    }
    assert set(Role.objects.values_list("key", flat=True)) == set(ROLES)


@pytest.mark.django_db
def test_what_an_administrator_set_stays_when_the_site_is_upgraded():
    from crm.access import install_grants

    Grant.objects.filter(role__key="rep", kind="contacts.person", action="export").delete()
    Grant.objects.filter(role__key="rep", kind="contacts.person", action="view").update(scope="own")
    install_grants()
    kept = dict(Grant.objects.filter(role__key="rep", kind="contacts.person").values_list("action", "scope"))
    assert (kept["view"], kept.get("export")) == ("own", None)


@pytest.mark.parametrize(
    ("view", "other", "reaches"),
    [
        ("none", "all", "none"),
        ("own", "all", "own"),
        ("team", "all", "team"),
        ("all", "own", "own"),
        ("team", "team", "team"),
    ],
)
@pytest.mark.parametrize("action", ["edit", "trash", "export"])
def test_nothing_reaches_further_than_seeing(view, other, reaches, action):
    """Whatever an administrator grants: a record one cannot see is neither changed nor taken away."""
    access = Access(1, (), {("contacts.person", "view"): view, ("contacts.person", action): other})
    assert access.scope("contacts.person", action) == reaches
    assert access.may("contacts.person", action) == (reaches != "none")
