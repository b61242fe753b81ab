"""The timeline of a record: every app's sources in one order, newest first, a page at a time.

One statement over all sources gives (at, source, id) by keyset; then each source fetches what is shown, once.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import BadRequest
from django.db.models import IntegerField, Q, Value

from crm import dates

PAGE_SIZE = 20


@dataclass(frozen=True)
class Source:
    """Something that happens to records of some kinds.

    `keys(record, reader)`: a queryset, opened for the reader, annotated with `moment` and `key`; or None for other
    kinds of record. `entries(keys, record, reader)`: {key: object} to show. `template` shows one, as `item`.
    """

    name: str
    keys: Callable
    entries: Callable
    template: str


@dataclass(frozen=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    template: str
    item: object


@dataclass(frozen=True)
class Timeline:
    """A page of entries grouped by day, and the cursor to older ones."""

    groups: list[tuple[str, list[Entry]]]
    older: str | None

    def __bool__(self):
        return bool(self.groups)


_sources: list[Source] = []


def register(source):
    """Make a source known; the order of registration breaks ties of time."""
    _sources.append(source)
    return source


def of(record, reader, *, before="", only=""):
    """Return a page of the record's timeline as the reader may see it, from the cursor `before` on; `only` a source."""
    cursor = _parse(before)
    keys = [
        part for number, source in enumerate(_sources) for part in _keys(number, source, record, reader, cursor, only)
    ]
    if not keys:
        return Timeline([], None)
    found = list(_merged(keys)) if len(keys) > 1 else list(keys[0])
    older = _cursor(found[PAGE_SIZE - 1]) if len(found) > PAGE_SIZE else None
    return Timeline(_grouped(_filled(found[:PAGE_SIZE], record, reader)), older)


def _keys(number, source, record, reader, cursor, only):
    if only and only != source.name:
        return
    rows = source.keys(record, reader)
    if rows is None:
        return
    rows = rows.annotate(source=Value(number, IntegerField()))
    if cursor:
        at, of_source, pk = cursor
        tied = Q(moment=at, key__lt=pk) if number == of_source else Q(moment=at) if number < of_source else Q(pk__in=[])
        rows = rows.filter(Q(moment__lt=at) | tied, moment__lte=at)
    yield rows.order_by("-moment", "-key").values_list("moment", "source", "key")[: PAGE_SIZE + 1]


def _merged(keys):
    return keys[0].union(*keys[1:], all=True).order_by("-moment", "-source", "-key")[: PAGE_SIZE + 1]


def _filled(found, record, reader):
    """Return the entries of the keys found; what is gone in the meantime is left out."""
    items = {}
    for number in {number for _at, number, _pk in found}:
        ids = [pk for _at, of_source, pk in found if of_source == number]
        items[number] = _sources[number].entries(ids, record, reader)
    return [Entry(at, _sources[number].template, items[number][pk]) for at, number, pk in found if pk in items[number]]


def _grouped(entries):
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(dates.heading(entry.at), []).append(entry)
    return list(groups.items())


def _cursor(key):
    at, number, pk = key
    return base64.urlsafe_b64encode(f"{at.isoformat()} {number} {pk}".encode()).decode().rstrip("=")


def _parse(text):
    """Return (at, source, id) of a cursor, None for "". Raises BadRequest if it is none of ours."""
    if not text:
        return None
    try:
        at, of_source, key = base64.urlsafe_b64decode(text[:200] + "=" * (-len(text) % 4)).decode().split(" ")
        moment, number, pk = datetime.fromisoformat(at), int(of_source), int(key)
    except ValueError:
        raise BadRequest("No such page") from None
    if moment.tzinfo is None or not 0 <= pk < 2**63 or not 0 <= number < 1000:
        raise BadRequest("No such page")
    return moment, number, pk
