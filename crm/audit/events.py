"""The events of all history tables in one order: which there are, what narrows them, a page of their keys.

Each table gives its own first rows in the order of an index, one statement merges them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import BadRequest
from django.db.models import F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.text import capfirst

from crm.access import whole_names
from crm.changes import belongs
from crm.listing.counting import Count
from crm.listing.found import unindexed
from crm.listing.paging import Cursor
from crm.records import Record

EVERYBODY = object()
KEYS = ("pgh_at", "pgh_kind", "pgh_id")


@dataclass(frozen=True)
class Kind:
    """One tracked kind of row: a record, a part of one, or a user, role, grant or team."""

    number: int
    model: Any
    events: Any

    @property
    def key(self):
        return self.model._meta.label_lower

    @property
    def label(self):
        return capfirst(str(self.model._meta.verbose_name))

    @property
    def is_record(self):
        return issubclass(self.model, Record)


@cache
def kinds():
    """Return every tracked kind, in the order of its key."""
    models = sorted((m for m in apps.get_models() if hasattr(m, "pgh_event_model")), key=lambda m: m._meta.label_lower)
    return tuple(Kind(number, model, model.pgh_event_model) for number, model in enumerate(models))


@dataclass(frozen=True)
class Question:
    """What is asked of the history.

    `who`: a user's id, None for the system, EVERYBODY. `first`, `last`: moments, the last one excluded. `record`: (kind
    of record, id), with its parts. `kinds`, `actions`: none means all.
    """

    who: object = EVERYBODY
    kinds: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    first: datetime | None = None
    last: datetime | None = None
    record: tuple[Any, int] | None = None

    def sets(self):
        """Yield (kind, its events that are asked for)."""
        for kind in kinds():
            if not self.kinds or kind.key in self.kinds:
                rows = self._of_record(kind)
                if rows is not None:
                    yield kind, self._by_action(kind, rows.filter(self._condition()))

    def _condition(self):
        condition = Q()
        if self.who is not EVERYBODY:
            condition &= Q(pgh_user_id=self.who) if self.who is not None else Q(pgh_user_id__isnull=True)
        if self.first:
            condition &= Q(pgh_created_at__gte=self.first)
        if self.last:
            condition &= Q(pgh_created_at__lt=self.last)
        return condition

    def _of_record(self, kind):
        rows = kind.events.objects.all()
        if self.record is None:
            return rows
        model, pk = self.record
        if kind.model is model:
            return rows.filter(pgh_obj_id=pk)
        if whole_names(kind.model, model):
            return rows.filter(belongs(kind.model, model, pk))
        return None

    def _by_action(self, kind, rows):
        if not self.actions:
            return rows
        labels = {"created": Q(pgh_label="insert"), "removed": Q(pgh_label="delete")}
        if not kind.is_record:
            labels["changed"] = Q(pgh_label="update")
        else:
            labels |= _updates()
            if self.actions - {"created", "removed"}:
                rows = rows.annotate(pgh_trashed_before=_before(kind, "trashed_at"))
        fitting = [labels[action] for action in sorted(self.actions) if action in labels]
        return rows.filter(Q(*fitting, _connector=Q.OR)) if fitting else rows.none()

    @property
    def order(self):
        """Return the time, so that an index orders by it, or not: the rows of one record are found, then sorted."""
        return F("pgh_created_at") if self.record is None else unindexed(F("pgh_created_at"))


def _updates():
    """Return the conditions of each sort of update, over `pgh_trashed_before`."""
    update, now, then = Q(pgh_label="update"), Q(trashed_at__isnull=False), Q(pgh_trashed_before__isnull=False)
    return {
        "trashed": update & now & ~then,
        "restored": update & ~now & then,
        "changed": update & ((now & then) | (~now & ~then)),
    }


def previous(kind):
    """Return a subquery over events of a kind: the events of the same row before each, the newest first."""
    earlier = kind.events.objects.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id"))
    return earlier.order_by("-pgh_id")


def _before(kind, column):
    return Subquery(previous(kind).values(column)[:1])


def keys(question, *, falling, cursor, size):
    """Return up to `size` (time, number of the kind, id) after the cursor; `falling`: the newest first."""
    after = _place(cursor)
    firsts = [_first(question, kind, rows, falling, after, size) for kind, rows in question.sets()]
    if not firsts:
        return []
    if len(firsts) == 1:
        return list(firsts[0])
    merged, sign = firsts[0].union(*firsts[1:], all=True), "-" if falling else ""
    return list(merged.order_by(*(f"{sign}{key}" for key in KEYS))[:size])


def _first(question, kind, rows, falling, after, size):
    """Return the first keys of one table after a place."""
    sign = "-" if falling else ""
    if after:
        rows = rows.filter(_past(kind, after, falling))
    rows = rows.annotate(pgh_at=question.order, pgh_kind=Value(kind.number, IntegerField()))
    return rows.order_by(f"{sign}pgh_at", f"{sign}pgh_id").values_list(*KEYS)[:size]


def _past(kind, after, falling):
    """Return the condition "stands after this place": the times of a transaction are one, so ids and kinds decide."""
    at, of_kind, pk = after
    if kind.number == of_kind:
        past = TupleLessThan if falling else TupleGreaterThan
        return past(Tuple("pgh_created_at", "pgh_id"), (at, pk))
    reaches = (kind.number < of_kind) is falling
    return Q(**{f"pgh_created_at__{'lt' if falling else 'gt'}{'e' if reaches else ''}": at})


def cursor_at(key, backwards, before):
    """Return the cursor that leads on from a key."""
    at, of_kind, pk = key
    return Cursor(f"{at.isoformat()} {kinds()[of_kind].key}", pk, backwards, before)


def _place(cursor):
    """Return (time, number of the kind, id) of a cursor. Raises BadRequest if it is none of ours."""
    if cursor is None:
        return None
    numbers = {kind.key: kind.number for kind in kinds()}
    try:
        at, key = str(cursor.key).split(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not 1 < moment.year < 9999 or cursor.pk >= 2**31:
            raise ValueError(cursor)
        return moment, numbers[key], cursor.pk
    except (ValueError, KeyError):
        raise BadRequest("No such page") from None


def bounded(question, most):
    """Return how many events there are, at most "1,000+"."""
    parts = [rows.order_by().values("pgh_id", "pgh_label")[: most + 1] for _kind, rows in question.sets()]
    if not parts:
        return Count(0)
    rows = parts[0].union(*parts[1:], all=True)[: most + 1] if len(parts) > 1 else parts[0]
    number = rows.count()
    return Count(min(number, most), number > most)
