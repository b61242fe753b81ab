"""Which pairs of records wait for somebody's answer: found through the door, in order, a bounded window at a time.

Of a pair both records have to be theirs to change. Each kind (and, where the list is narrowed, each side of a pair) is
a branch of its own; branches give their first rows in the order of an index, and the database merges them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.core.cache import caches
from django.core.exceptions import BadRequest
from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from crm import duplicates
from crm.duplicates import MatchCount, Suggestion
from crm.jobs import Job
from crm.listing.paging import Cursor
from crm.sentinels import EARLIEST

JOB = "crm.find_duplicates"
PAGE = 20  # entries
WINDOW = 200  # pairs looked at for one page
RANKED = 500  # pairs, the surest, that are put in order of worth
MOST_PAIRS = 2000  # of the clusters on one page
ANSWERS_PAGE = 50  # pairs
MOST_COUNTED = 99  # entries
COUNT_SECONDS = 60  # how old the number beside the section may be
ROW = ("id", "kind", "left", "right", "weight", "cluster")


@dataclass(frozen=True)
class Asked:
    """What a worklist is narrowed to: kinds, and {field: value} that one of the two records has. `by_worth`: order."""

    kinds: tuple
    having: dict = field(default_factory=dict)
    by_worth: bool = False


@dataclass
class Group:
    """Records to be told apart or put together: the pairs among them that wait, the surest first."""

    kind: duplicates.Kind
    pairs: list[Suggestion]

    @property
    def lead(self):
        return self.pairs[0]

    @property
    def ids(self):
        """The ids of the records, those of the surest pair first."""
        return list(dict.fromkeys(pk for pair in self.pairs for pk in (pair.left, pair.right)))


@dataclass(frozen=True)
class Page:
    """Groups or answered pairs in order, and the cursor that leads on, None at the end. `cut`: not all were ranked."""

    rows: list
    next: Cursor | None
    cut: bool = False


def kinds_of(user):
    """Return the kinds of which this user may change any record."""
    return tuple(kind for kind in duplicates.kinds() if user.access.may(kind.name, "edit"))


def _branches(user, asked, rows):
    for kind in asked.kinds:
        open_to = rows.editable_by(user, kind)
        if asked.having:
            chosen = kind.model.objects.editable_by(user).filter(**asked.having).values("pk")
            yield open_to.filter(left__in=chosen)
            yield open_to.filter(right__in=chosen)
        else:
            yield open_to


def _first(branches, order, size, columns=ROW):
    """Return the first rows of all branches, each once, falling by `order` and id."""
    way = (f"-{order}", "-id")
    parts = [branch.order_by(*way).values_list(*columns, named=True)[:size] for branch in branches]
    if len(parts) < 2:
        return [row for part in parts for row in part]
    return list(parts[0].union(*parts[1:]).order_by(*way)[:size])


def _key(row):
    return (row.kind, row.cluster, None) if row.cluster else (row.kind, None, row.id)


def waiting(user, asked, after=None):
    """Return a Page of Groups, the surest first, or those last contacted first among the surest.

    Raises BadRequest for a cursor of another order.
    """
    if asked.by_worth:
        return _by_worth(user, asked, after)
    rows = Suggestion.objects.waiting().likely()
    if after:
        _check(after, Decimal)
        rows = rows.filter(TupleLessThan(Tuple(F("weight"), F("id")), (float(after.key), after.pk)))
    found = _first(_branches(user, asked, rows), "weight", WINDOW)
    leads = {}
    for row in found:
        leads.setdefault(_key(row), row)
    looked_at = list(leads)[: 2 * PAGE]
    there = _groups(user, asked, looked_at)
    # a cluster that was on an earlier page comes again with its weaker pairs
    new = [key for key in looked_at if key in there and there[key].lead.pk == leads[key].id]
    more = len(new) > PAGE or len(looked_at) < len(leads) or len(found) == WINDOW
    last = leads[new[PAGE - 1] if len(new) >= PAGE else looked_at[-1]] if more else None
    onward = Cursor(Decimal(repr(last.weight)), last.id) if last else None
    return Page([there[key] for key in new[:PAGE]], onward)


def _by_worth(user, asked, after):
    found = _first(_branches(user, asked, Suggestion.objects.waiting().likely()), "weight", RANKED)
    contacted = _contacted(user, asked, found)
    places: dict[tuple, tuple] = {}
    for row in found:
        moment = max(contacted.get((row.kind, pk)) or EARLIEST for pk in (row.left, row.right))
        places[_key(row)] = max(places.get(_key(row), (EARLIEST, 0)), (moment, row.id))
    if after:
        _check(after, datetime)
        places = {key: place for key, place in places.items() if place < (after.key, after.pk)}
    order = sorted(places, key=lambda key: places[key], reverse=True)
    there = _groups(user, asked, order[:PAGE])
    last = places[order[PAGE - 1]] if len(order) > PAGE else None
    shown = [there[key] for key in order[:PAGE] if key in there]
    return Page(shown, Cursor(*last) if last else None, cut=len(found) == RANKED)


def _contacted(user, asked, rows):
    """Return {(kind, id): when last contacted} as far as the user may know it."""
    moments = {}
    for kind in asked.kinds:
        ids = {pk for row in rows if row.kind == kind.number for pk in (row.left, row.right)}
        if ids and "last_contacted_at" not in user.access.hidden(kind.name):
            seen = kind.model.objects.visible_to(user).filter(pk__in=ids)
            moments |= {(kind.number, pk): at for pk, at in seen.values_list("pk", "last_contacted_at")}
    return moments


def _groups(user, asked, keys):
    """Return {key: Group} of clusters and single pairs, with all their pairs that wait for this user: one query."""
    if not keys:
        return {}
    parts = []
    for branch in _branches(user, asked, Suggestion.objects.waiting()):
        parts.append(branch.filter(Q(pk__in=[pk for *_of, pk in keys if pk]) | _in_clusters(keys)))
    rows = _first(parts, "weight", MOST_PAIRS, (*ROW, "levels", "rarities", "state"))
    groups: dict[tuple, Group] = {}
    for row in rows:
        pair = Suggestion(**row._asdict())
        group = groups.setdefault(_key(row), Group(duplicates.numbered(row.kind), []))
        group.pairs.append(pair)
    return groups


def _in_clusters(keys):
    wanted = Q(pk__in=[])
    for number in {kind for kind, cluster, _pk in keys if cluster}:
        wanted |= Q(kind=number, cluster__in=[cluster for kind, cluster, _pk in keys if kind == number and cluster])
    return wanted


def said(user, asked, rows, after=None):
    """Return a Page of pairs that were answered or put off, the newest answer first."""
    if after:
        _check(after, datetime)
        rows = rows.filter(TupleLessThan(Tuple(F("answered_at"), F("id")), (after.key, after.pk)))
    columns = ("id", "kind", "left", "right", "state", "answered_at", "answered_by_id")
    found = _first(_branches(user, asked, rows), "answered_at", ANSWERS_PAGE + 1, columns)
    shown = [Suggestion(**row._asdict()) for row in found[:ANSWERS_PAGE]]
    more = len(found) > ANSWERS_PAGE
    return Page(shown, Cursor(shown[-1].answered_at, shown[-1].pk) if more else None)


def _check(cursor, kind):
    if type(cursor.key) is not kind:
        raise BadRequest("No such page")


def opened(user, ids):
    """Return the suggestions with these ids, all of one kind and with records this user may change.

    Raises Suggestion.DoesNotExist where one of them is not.
    """
    for kind in kinds_of(user):
        rows = list(Suggestion.objects.editable_by(user, kind).filter(pk__in=ids).order_by("pk"))
        if rows:
            break
    else:
        raise Suggestion.DoesNotExist
    if len(rows) < len(set(ids)):
        raise Suggestion.DoesNotExist
    return rows


def counted(user):
    """Return how many entries wait for this user, as text: "38", "99+", "" for none."""
    rows = _first(
        _branches(user, Asked(kinds_of(user)), Suggestion.objects.waiting().likely()),
        "weight",
        3 * MOST_COUNTED,
        ("id", "kind", "cluster", "weight"),
    )
    number = len(set(map(_key, rows)))
    text = f"{MOST_COUNTED}+" if number > MOST_COUNTED or len(rows) == 3 * MOST_COUNTED else str(number or "")
    caches["near"].set(_cache_key(user), text, COUNT_SECONDS)
    return text


def count_beside_section(user):
    """Return the same as a quiet number, a minute old at most; None for none."""
    text = caches["near"].get(_cache_key(user))
    return (counted(user) if text is None else text) or None


def _cache_key(user):
    """The number holds for one user, with the rights they have by now."""
    access = user.access
    rights = (frozenset(access.grants.items()), access.team_ids, access.shares, access.apps_off)
    return f"duplicates:{user.pk}:{hash(rights)}"


@dataclass(frozen=True)
class Look:
    """When all records were last compared. `at`: None where that is not known; `never`: not yet."""

    at: datetime | None
    under_way: bool
    never: bool


def last_look():
    rows = Job.objects.filter(kind=JOB).order_by("-id").values_list("state", "finished_at")[:20]
    states = list(rows)
    at = next((finished for state, finished in states if state == Job.State.DONE), None)
    under_way = any(state in (*Job.DUE, Job.State.RUNNING) for state, _finished in states)
    return Look(at, under_way, never=at is None and not MatchCount.objects.exists())
