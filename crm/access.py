"""Who may do what with which records: roles' scopes, and the policy each kind of record declares.

Rules stand in the apps' `policies.py` and nowhere else; a kind without a policy is refused by a system
check and answers nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

HIDDEN, READ_ONLY = "hidden", "read_only"
SECOND_STEPS = ("totp", "webauthn")  # recovery codes only stand in for one of them
SHARED_ACTIONS = ("view", "edit")  # what a share can open
ACTIONS = ("view", "create", "edit", "trash", "export")
SCOPES = ("none", "own", "team", "all")
ADMINISTRATOR = "administrator"
ROLES = {
    ADMINISTRATOR: "Administrator",
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
    """Return the number that stands in a record's `audience` for its team."""
    return team_id * 4 + 1


def share_mark(*, user=None, team=None):
    """Return the number that stands in a record's `audience` for one with whom it is shared."""
    return user * 4 + 2 if user else team * 4 + 3


def share_is_over():
    """Return the condition over shares "is over", by the one clock of the site; it is true or false, never NULL."""
    return Q(until__isnull=False, until__lte=timezone.now())


@dataclass(frozen=True)
class Access:
    """What one user may do, read in one query with the user."""

    user_id: int | None = None
    team_ids: tuple[int, ...] = ()
    grants: dict[tuple[str, str], str] = field(default_factory=dict)
    restrictions: dict[str, dict[str, str]] = field(default_factory=dict)
    """{kind: {field: "hidden" or "read_only"}}"""
    shares: ShareKeys = field(default_factory=lambda: ShareKeys())
    apps_off: frozenset[str] = frozenset()
    viewed: frozenset[str] = frozenset()
    """Kinds of record over whose lists there is any saved view for this user."""

    @classmethod
    def of(cls, user):
        """Return the access of a user; nobody (anonymous, inactive) has none."""
        if not user.is_authenticated or not user.is_active:
            return NOTHING
        if not hasattr(user, "granted"):
            user = users_with_access().get(pk=user.pk)
        grants = {(row["kind"], row["action"]): row["scope"] for row in user.granted}
        restrictions: dict[str, dict[str, str]] = {}
        for row in user.restricted:
            restrictions.setdefault(row["kind"], {})[row["field"]] = row["right"]
        team_path = tuple(user.team.path) if user.team_id else ()
        kinds, lapsed = (
            frozenset(row["kind"] for row in user.shared if row["lapsed"] in over) for over in ((True, False), (True,))
        )
        shares = ShareKeys(user.pk, team_path, kinds, lapsed)
        off = frozenset(user.apps_off or ())
        return cls(user.pk, tuple(user.seen_teams), grants, restrictions, shares, off, frozenset(user.viewed))

    def hidden(self, kind):
        """Return the names of the fields of a kind that this user may not know, with those that follow from them."""
        restricted = self.restrictions.get(kind)
        if not restricted:
            return NO_FIELDS
        named = [name for name, right in restricted.items() if right == HIDDEN]
        follow = policies()[kind].follows if kind in policies() else {}
        return frozenset(named).union(*(follow.get(name, ()) for name in named))

    def fixed(self, kind):
        """Return the names of the fields of a kind that this user may not set: read-only ones and hidden ones."""
        return self.hidden(kind) | frozenset(self.restrictions.get(kind, ()))

    def is_on(self, app):
        """Whether the app of this label is switched on."""
        return app not in self.apps_off

    def scope(self, kind, action):
        """Return the scope of an action; what changes or takes away records reaches no further than seeing them.

        In an app that is switched off it is none, for everybody; less than all of an area that is whole is none of it.
        """
        if not self.is_on(kind.partition(".")[0]):
            return "none"
        granted = self.grants.get((kind, action), "none")
        if kind in _areas and _areas[kind].is_whole and granted != "all":
            return "none"
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

    def covers(self, record, action):
        """Whether this user may do `action` with a record, from what is known of it; the door decides on the act."""
        kind = record.record_kind()
        scope = self.scope(kind, action)
        if scope in ("none", "all"):
            return scope == "all"
        if record.owner_id == self.user_id or (scope == "team" and record.team_id in self.team_ids):
            return True
        marks = self.shares.marks(action) if self.shares.has(kind, action) else ()
        return not set(marks).isdisjoint(getattr(record, "shared_with", ()))


@dataclass(frozen=True)
class ShareKeys:
    """What shares open to one user: those with themselves, with their team and with the teams above it."""

    user_id: int | None = None
    team_path: tuple[int, ...] = ()
    kinds: frozenset[str] = frozenset()
    lapsed: frozenset[str] = frozenset()
    """Kinds with shares that are over and still stand in a record's audience, until a job has put that right."""

    def has(self, kind, action):
        """Whether there is any share that opens a record of this kind for an action."""
        return kind in self.kinds and action in SHARED_ACTIONS

    def marks(self, action):
        """Return the audience marks of shares: negative ones carry the right to edit."""
        marks = [share_mark(user=self.user_id), *(share_mark(team=team) for team in self.team_path)]
        return marks if action == "view" else [-mark for mark in marks]

    def records(self, kind, action):
        """Return the ids of the records of a kind that shares open for an action at this very moment; a subquery."""
        mine = Q(user=self.user_id) | Q(team__in=self.team_path)
        rows = apps.get_model("crm", "Share").objects.filter(mine, ~share_is_over(), kind=kind)
        return (rows.filter(may_edit=True) if action == "edit" else rows).values("record_id")


NO_FIELDS: frozenset[str] = frozenset()
NOTHING = Access()


def access_of(user):
    """Return the user's access; for somebody not signed in, an access that opens nothing."""
    return getattr(user, "access", NOTHING)


def users_with_access():
    """Return users in one query with their role, its grants and restrictions, the teams they see (their own and those
    below), the kinds of what is shared with them and of their saved views, the apps switched off, whether they have a
    second step, and the first hundred notifications they have not read."""
    names = ("Firm", "Grant", "FieldRight", "Notification", "SavedView", "Team", "Share", "User")
    models = (apps.get_model("crm", name) for name in names)
    Firm, Grant, FieldRight, Notification, SavedView, Team, Share, User = models
    grants = Grant.objects.filter(role=OuterRef("role_id")).order_by()
    restrictions = FieldRight.objects.filter(role=OuterRef("role_id")).order_by()
    teams = Team.objects.filter(path__contains=[OuterRef("team_id")]).order_by()
    unread = Notification.objects.filter(user=OuterRef("pk"), read_at=None, on_bell=True).order_by("-id")[:100]
    with_team = Func(F("team"), OuterRef("team__path"), template="(%(expressions)s))", arg_joiner=" = ANY(")
    shares = Share.objects.annotate(with_team=ExpressionWrapper(with_team, BooleanField())).order_by()
    shares = shares.filter(Q(user=OuterRef("pk")) | Q(with_team=True))
    shares = shares.annotate(lapsed=ExpressionWrapper(share_is_over(), BooleanField()))
    views = SavedView.objects.there().annotate(with_team=ExpressionWrapper(with_team, BooleanField())).order_by()
    views = views.filter(Q(owner=OuterRef("pk")) | Q(shared="all") | Q(shared="team", with_team=True))
    return User.objects.select_related("role", "team").annotate(
        granted=ArraySubquery(grants.values(row=JSONObject(kind="kind", action="action", scope="scope"))),
        restricted=ArraySubquery(restrictions.values(row=JSONObject(kind="kind", field="field", right="right"))),
        shared=ArraySubquery(shares.values(row=JSONObject(kind="kind", lapsed="lapsed")).distinct()),
        viewed=ArraySubquery(views.values("kind").distinct()),
        seen_teams=ArraySubquery(teams.values("pk")),
        apps_off=Subquery(Firm.objects.order_by().values("apps_off")[:1]),
        has_second_step=second_step_set_up(),
        unread=ArraySubquery(unread.values("pk")),
    )


def second_step_set_up():
    """Return the condition over users "has a second step at sign-in"."""
    steps = apps.get_model("mfa", "Authenticator").objects.filter(user=OuterRef("pk"), type__in=SECOND_STEPS)
    return Exists(steps)


class RecordPolicy:
    """Who may do what with one kind of record. Subclasses state `model` and the grants a fresh site starts with.

    `grants`: role key -> {action: scope}. `hideable`: fields that can be hidden from a role or made read-only for it;
    `fixable`: those that can be made read-only at most, as a record cannot be told without them. `follows`: field ->
    fields that are known to whoever knows it, and hidden with it. `branches` gives each reason for access as a
    condition of its own, so that a list takes a page from each in index order; `narrow` gives them as one condition
    for a single record.
    """

    model: Any = None
    grants: dict[str, dict[str, str]] = {}
    hideable: tuple[str, ...] = ()
    fixable: tuple[str, ...] = ()
    follows: dict[str, tuple[str, ...]] = {}

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
        shared = [Q(pk__in=access.shares.records(self.kind, action))] if access.shares.has(self.kind, action) else []
        return [Q(owner=access.user_id), *(Q(team=team) for team in teams), *shared]

    def label_of(self, name):
        """Return what people call a field on which there can be rights."""
        fields = {field.name: field.verbose_name for field in self.model._meta.concrete_fields}
        parts = {part.rights_name: part._meta.verbose_name_plural for part in parts_of(self.model)}
        return str({**parts, **fields}[name])

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
            return queryset.filter(self._in_audience(access, scope, action))
        teams = access.team_ids if scope == "team" else ()
        return queryset.filter(Q(owner=access.user_id) | Q(team__in=teams))

    def _in_audience(self, access, scope, action):
        """Return the condition of one index; where shares are over and still stand there, they are asked themselves."""
        marks = access.marks(scope)
        if not access.shares.has(self.kind, action):
            return Q(audience__overlap=marks)
        if self.kind in access.shares.lapsed:
            return Q(audience__overlap=marks) | Q(pk__in=access.shares.records(self.kind, action))
        return Q(audience__overlap=[*marks, *access.shares.marks(action)])


@dataclass(frozen=True)
class Area:
    """A part of the site that is about users, not records: who may enter it, and whose pages they see there.

    Its one action is "view"; the scope is about users: oneself (own), those of one's teams (team), everybody (all).
    `is_whole`: it cannot be divided by users, and is open to a role over everything or not at all.
    """

    kind: str
    grants: dict[str, dict[str, str]]
    is_whole: bool = False


def parts_of(model):
    """Return the kinds of part that a kind of record has."""
    return [part for part in apps.get_models() if whole_names(part, model)]


def whole_names(part, model):
    """Return the names of the fields by which a part names a record of a kind; none of what is no part."""
    return [name for name in getattr(part, "wholes", ()) if part._meta.get_field(name).related_model is model]


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


def register_area(kind, *, is_whole=False, **scopes):
    """Make an area known; `scopes`: role key -> scope a fresh site starts with."""
    _areas[kind] = Area(kind, {role: {"view": scope} for role, scope in scopes.items()}, is_whole)


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
            for (key, kind, action), scope in first_grants().items()
            if (key, kind) not in known
        ),
        ignore_conflicts=True,
    )


def first_grants():
    """Return {(role key, kind, action): scope} as a fresh site has them."""
    return {
        (key, kind, action): scope
        for kind, granted in {**policies(), **areas()}.items()
        for key, actions in granted.grants.items()
        for action, scope in actions.items()
    }
