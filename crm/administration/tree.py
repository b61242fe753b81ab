"""The teams as a tree: in order, each with how deep it stands."""

from __future__ import annotations

from django.db.models import Count, Q

from crm.models import Team

INDENT = "\u2003"  # an option of a select drops plain spaces


def in_order(teams):
    """Return [(team, depth)]: each team before those below it, brothers by name."""
    below: dict[int | None, list[Team]] = {}
    for team in sorted(teams, key=lambda team: (team.name.casefold(), team.pk)):
        below.setdefault(team.parent_id, []).append(team)
    found = []

    def walk(parent, depth):
        for team in below.get(parent, ()):
            found.append((team, depth))
            walk(team.pk, depth + 1)

    walk(None, 0)
    return found


def team_choices(but=()):
    """Return (id, name) for a select, indented by depth, without the teams of these ids."""
    return [(team.pk, INDENT * depth + team.name) for team, depth in in_order(Team.objects.all()) if team.pk not in but]


def with_counts():
    """Return [(team, depth)] with `active` and `members` counted on each team."""
    active = Count("users", filter=Q(users__is_active=True))
    return in_order(Team.objects.annotate(active=active, members=Count("users")))
