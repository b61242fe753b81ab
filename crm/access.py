"""Who may do what with which records: roles' scopes, and the policy each kind of record declares.

Rules stand in the apps' `policies.py` and nowhere else; a kind without a policy is refused by a system
check and answers nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.db.models.functions import JSONObject

ACTIONS = ("view", "create", "edit", "trash", "export")
SCOPES = ("none", "own", "team", "all")
ROLES = {
    "administrator": "Administrator",
    "manager": "Manager",
    "rep": "Sales rep",
    "marketer": "Marketer",
    "agent": "Support agent",
    "auditor": "Auditor",
}


class NoPolicy(LookupError):
    """A kind of record was asked for that no app has written a policy for."""


def owner_mark(user_id):
    """Return the number that stands in a record's `audience` for its owner."""
    return user_id * 4


def team_mark(team_id):
    """Return the number that stands in a record's `audience` for its team. (2 and 3 are kept for shares.)"""
    return team_id * 4 + 1


@dataclass(frozen=True)
class Access:
    """What one user may do, read in one query with the user."""

    user_id: int | None = None
    team_ids: tuple[int, ...] = ()
    grants: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def of(cls, user):
        """Return the access of a user; nobody (anonymous, inactive) has none."""
        if not user.is_authenticated or not user.is_active:
            return NOTHING
        if not hasattr(user, "granted"):
            user = users_with_access().get(pk=user.pk)
        grants = {(row["kind"], row["action"]): row["scope"] for row in user.granted}
        return cls(user.pk, tuple(user.seen_teams), grants)

    def scope(self, kind, action):
        """Return the scope of an action; what changes or takes away records reaches no further than seeing them."""
        granted = self.grants.get((kind, action), "none")
        if action in ("view", "create"):
            return granted
        return min(granted, self.grants.get((kind, "view"), "none"), key=SCOPES.index)

    def may(self, kind, action):
        """Whether there can be any record of this kind the user may do this with."""
        return self.scope(kind, action) != "none"

    def users(self, area):
        """Return the condition for the users whose pages of an area are open to this one."""
        scope = self.scope(area, "view")
        if scope == "all":
            return Q()
        if scope == "none":
            return Q(pk__in=[])
        return Q(pk=self.user_id) | Q(team__in=self.team_ids if scope == "team" else ())

    def marks(self, scope):
        """Return the audience marks that open a record to this user within `own` or `team`."""
        teams = self.team_ids if scope == "team" else ()
        return [owner_mark(self.user_id), *map(team_mark, teams)]


NOTHING = Access()


def access_of(user):
    """Return the user's access; for somebody not signed in, an access that opens nothing."""
    return getattr(user, "access", NOTHING)


def users_with_access():
    """Return users with their role, grants and the teams they see (their own and those below) in one query."""
    Grant, Team, User = (apps.get_model("crm", name) for name in ("Grant", "Team", "User"))
    grants = Grant.objects.filter(role=OuterRef("role_id")).order_by()
    teams = Team.objects.filter(path__contains=[OuterRef("team_id")]).order_by()
    return User.objects.select_related("role", "team").annotate(
        granted=ArraySubquery(grants.values(row=JSONObject(kind="kind", action="action", scope="scope"))),
        seen_teams=ArraySubquery(teams.values("pk")),
    )


class RecordPolicy:
    """Who may do what with one kind of record. Subclasses state `model` and the grants a fresh site starts with.

    `grants`: role key -> {action: scope}. `branches` gives each reason for access as a condition of its own,
    so that a list takes a page from each in index order; `narrow` gives them as one condition for a single record.
    """

    model = None
    grants: dict[str, dict[str, str]] = {}

    @property
    def kind(self):
        return self.model._meta.label_lower

    def branches(self, access, action):
        """Return conditions; a record is open to the user if any of them holds. None hold: an empty list."""
        scope = access.scope(self.kind, action)
        if scope == "all":
            return [Q()]
        if scope == "none":
            return []
        teams = access.team_ids if scope == "team" else ()
        return [Q(owner=access.user_id), *(Q(team=team) for team in teams)]

    def tells(self, event, access):
        """Whether a reader of a record may also know what it was at one event of its history."""
        return True

    def told(self, access):
        """Return the same as a condition over events."""
        return Q()

    def narrow(self, queryset, access, action):
        """Return only the records of `queryset` with which this user may do `action`."""
        scope = access.scope(self.kind, action)
        if scope == "all":
            return queryset
        if scope == "none":
            return queryset.none()
        if hasattr(self.model, "audience"):
            return queryset.filter(audience__overlap=access.marks(scope))
        teams = access.team_ids if scope == "team" else ()
        return queryset.filter(Q(owner=access.user_id) | Q(team__in=teams))


@dataclass(frozen=True)
class Area:
    """A part of the site that is about users, not records: who may enter it, and whose pages they see there.

    Its one action is "view"; the scope is about users: oneself (own), those of one's teams (team), everybody (all).
    """

    kind: str
    grants: dict[str, dict[str, str]]


_policies: dict[type, RecordPolicy] = {}
_areas: dict[str, Area] = {}


def register(policy_class):
    """Make a policy known; used as a decorator in an app's policies.py."""
    _policies[policy_class.model] = policy_class()
    return policy_class


def policy_of(model):
    """Return the policy of a kind of record. Raises NoPolicy if no app wrote one."""
    try:
        return _policies[model]
    except KeyError:
        raise NoPolicy(f"{model._meta.label} has no policy; write one in its app's policies.py") from None


def register_area(kind, **scopes):
    """Make an area known; `scopes`: role key -> scope a fresh site starts with."""
    _areas[kind] = Area(kind, {role: {"view": scope} for role, scope in scopes.items()})


def policies():
    """Return all policies, by kind."""
    return {policy.kind: policy for policy in _policies.values()}


def areas():
    """Return all areas, by kind."""
    return dict(_areas)


def taking(kind):
    """Return the action by which something of a kind is taken away in a file; seeing an area covers all done there."""
    return "view" if kind in _areas else "export"


def install_grants(**_sender):
    """Give each role the grants its kinds start with, where it has none yet; what administrators set stays."""
    Grant, Role = apps.get_model("crm", "Grant"), apps.get_model("crm", "Role")
    roles = {key: Role.objects.get_or_create(key=key, defaults={"name": name})[0] for key, name in ROLES.items()}
    known = set(Grant.objects.values_list("role__key", "kind").distinct())
    Grant.objects.bulk_create(
        (
            Grant(role=roles[key], kind=kind, action=action, scope=scope)
            for kind, granted in {**policies(), **areas()}.items()
            for key, actions in granted.grants.items()
            if (key, kind) not in known
            for action, scope in actions.items()
        ),
        ignore_conflicts=True,
    )
