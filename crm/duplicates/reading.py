"""Reading rows as columns: many as one text a column, without an object for each; few by a statement compiled once."""

from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from django.db import connection
from django.db.models.expressions import RawSQL

_BETWEEN = chr(31)  # the unit separator of ASCII


def columns_of(queryset):
    """Return the columns of a `values_list` queryset as lists of texts, "" for NULL.

    The database joins each column to one text, which is taken apart here: a row each would take three times as long.
    """
    statement, parameters = queryset.query.sql_with_params()
    width = len(queryset.query.values_select) + len(queryset.query.annotation_select)
    names = [f"c{place}" for place in range(width)]
    joined = (f"string_agg(translate(coalesce({name}::text, ''), chr(31), ' '), chr(31))" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(joined)} FROM ({statement}) AS rows ({', '.join(names)})", parameters)
        texts = cursor.fetchone()
    return [[] if text is None else text.split(_BETWEEN) for text in texts]


@dataclass(frozen=True)
class Between:
    """Records by their ids: from `first`, up to `end`, which is not one of them."""

    first: int
    end: int


def narrowed(rows, field, ids):
    """Return the rows whose `field` is among some ids: a list, a Between, or None for all."""
    if ids is None:
        return rows
    if isinstance(ids, Between):
        return rows.filter(**{f"{field}__gte": ids.first, f"{field}__lt": ids.end})
    return rows.filter(**{f"{field}__in": ids})


def are_few(ids, few):
    """Whether these ids are a list of at most so many."""
    return ids is not None and not isinstance(ids, Between) and len(ids) <= few


class Asked:
    """A `values_list` queryset filtered by `pk__in=Asked.IDS`, compiled once: the ids are put in when it is asked."""

    _PLACE = object()
    IDS = RawSQL("SELECT unnest(%s::bigint[])", [_PLACE])

    def __init__(self, queryset):
        self.statement, self.parameters = queryset.query.sql_with_params()
        self.width = len(queryset.query.values_select) + len(queryset.query.annotation_select)

    def columns(self, ids):
        """Return the columns of the rows with these ids as lists of values."""
        with connection.cursor() as cursor:
            cursor.execute(self.statement, [list(ids) if one is self._PLACE else one for one in self.parameters])
            rows = cursor.fetchall()
        return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(self.width)]


def slots_of(lists):
    """Return lists of texts, one a record, as slots: the first of each, the second of each; "" for none."""
    return [[text or "" for text in slot] for slot in zip_longest(*lists, fillvalue="")] or [[""] * len(lists)]


def slotted(ids, owners, columns, most):
    """Return each column as slots: at most `most` lists of n texts, those of the parts of each record in their order.

    `ids`: the records' ids, ascending; `owners`: the record's id of each part; `columns`: texts of the parts.
    """
    ids, owners = np.asarray(ids, np.int64), np.asarray(owners, np.int64)
    order = np.argsort(owners, kind="stable")
    owners = owners[order]
    places = np.searchsorted(ids, owners)
    known = places < len(ids)
    known[known] = ids[places[known]] == owners[known]
    first = np.searchsorted(owners, owners)
    slot = np.arange(len(owners)) - first
    kept = np.flatnonzero(known & (slot < most))
    slots = int(slot[kept].max(initial=0)) + 1
    return [
        _filled(np.array(column, object)[order][kept], places[kept], slot[kept], (slots, len(ids)))
        for column in columns
    ]


def _filled(texts, places, slot, shape):
    table = np.full(shape, "", object)
    table[slot, places] = texts
    return [row.tolist() for row in table]
