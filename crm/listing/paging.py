"""Keyset paging over one or several branches of a list: no OFFSET, no row twice, none left out."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import BadRequest
from django.db.models import DateField, DateTimeField, DecimalField, F, IntegerField
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from crm.sentinels import EARLIEST, LATEST

PAGE_SIZE = 50
KEY = "order_key"


@dataclass(frozen=True)
class Cursor:
    """The row a page begins after (or ends before), and how many rows come before the page, for the reader."""

    key: object
    pk: int
    backwards: bool = False
    before: int = 0

    def __str__(self):
        key = (
            self.key.isoformat()
            if isinstance(self.key, date)
            else str(self.key)
            if isinstance(self.key, Decimal)
            else self.key
        )
        kind = next((name for name, type_ in _TYPES.items() if type(self.key) is type_), "s")
        raw = json.dumps(
            [kind, key, self.pk, int(self.backwards), self.before], ensure_ascii=False, separators=(",", ":")
        )
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text):
        """Return the cursor a URL carries, None for "". Raises BadRequest if it is none of ours."""
        if not text:
            return None
        try:
            raw = json.loads(base64.urlsafe_b64decode(text[:2000] + "=" * (-len(text) % 4)).decode())
            kind, key, pk, backwards, before = raw
            return cls(_PARSERS[kind](key), _whole(pk), bool(backwards), _whole(before))
        except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError):
            raise BadRequest("No such page") from None


def _whole(value):
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(value)
    return value


def _text(value):
    if type(value) is not str or "\x00" in value:
        raise ValueError(value)
    value.encode()
    return value


_TYPES = {"s": str, "i": int, "t": datetime, "d": date, "n": Decimal}
_PARSERS = {
    "s": _text,
    "i": _whole,
    "t": lambda value: _aware(datetime.fromisoformat(value)),
    "d": date.fromisoformat,
    "n": lambda value: _finite(Decimal(value)),
}


def _aware(value):
    if value.tzinfo is None or not EARLIEST <= value <= LATEST:
        raise ValueError(value)
    return value


def _finite(value):
    if not value.is_finite():
        raise ValueError(value)
    return value


@dataclass(frozen=True)
class Page:
    """Up to PAGE_SIZE rows in order; `start` counts from 1; the cursors lead on and back, None at the ends."""

    rows: list
    start: int
    next: Cursor | None
    previous: Cursor | None

    @property
    def end(self):
        return self.start + len(self.rows) - 1


def page(branches, *, order, descending, cursor=None, size=PAGE_SIZE):
    """Return a page of the union of the branches, ordered by `order` (never NULL), then by id.

    Each branch gives its own first rows in index order, the database merges them; a row that several hold comes once.
    """
    rows = _first(branches, order, falls(descending, cursor), cursor, size + 1)
    return cut(rows, cursor, size, _at)


def falls(descending, cursor):
    """Whether the rows after a cursor are read from the highest down: a page that leads back is read the other way."""
    return descending != bool(cursor and cursor.backwards)


def cut(rows, cursor, size, at):
    """Return the page of rows read after a cursor, one more than fit: whether it is there says if it goes on.

    `at(row, backwards, before)`: the cursor at a row.
    """
    backwards = bool(cursor and cursor.backwards)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
        start = max(1, cursor.before - len(rows) + 1)
    else:
        start = cursor.before + 1 if cursor else 1
    has_next, has_previous = (bool(cursor), more) if backwards else (more, bool(cursor))
    return Page(
        rows,
        start,
        at(rows[-1], False, start + len(rows) - 1) if rows and has_next else None,
        at(rows[0], True, start - 1) if rows and has_previous else None,
    )


def _at(row, backwards, before):
    return Cursor(getattr(row, KEY), row.pk, backwards, before)


def _first(branches, order, falling, cursor, size):
    """Return the first `size` distinct rows of the branches after the cursor."""
    way = ("-order_key", "-pk") if falling else ("order_key", "pk")
    keyed = [branch.annotate(**{KEY: order}) for branch in branches]
    if cursor and keyed:
        _check_fits(cursor, keyed[0].query.annotations[KEY].output_field)
        past = TupleLessThan if falling else TupleGreaterThan
        keyed = [branch.filter(past(Tuple(order, F("pk")), (cursor.key, cursor.pk))) for branch in keyed]
    if len(keyed) < 2:
        return [row for branch in keyed for row in branch.order_by(*way)[:size]]
    firsts = [branch.select_related(None).order_by(*way).values("pk")[:size] for branch in keyed]
    rows = keyed[0].model.objects.unscoped(because="these ids come through the branches").annotate(**{KEY: order})
    return list(_same_shape(rows, keyed[0]).filter(pk__in=firsts[0].union(*firsts[1:])).order_by(*way)[:size])


def _check_fits(cursor, field):
    """Refuse a cursor taken from a list in another order. Raises BadRequest."""
    kinds = ((DateTimeField, datetime), (DateField, date), (DecimalField, Decimal), (IntegerField, int))
    wanted = next((type_ for field_class, type_ in kinds if isinstance(field, field_class)), str)
    if type(cursor.key) is not wanted:
        raise BadRequest("No such page")


def _same_shape(rows, branch):
    """Return the rows with the columns, joins and owners of a branch."""
    rows.query.hidden = branch.query.hidden
    rows._iterable_class = branch._iterable_class
    rows.query.select_related = branch.query.select_related
    rows.query.deferred_loading = branch.query.deferred_loading
    return rows.prefetch_related(*branch._prefetch_related_lookups)
