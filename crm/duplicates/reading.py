"""Reading rows as columns: many by COPY, without a Python object for each; few by a statement compiled once."""

import re
from itertools import zip_longest

import numpy as np
from django.db import connection
from django.db.models.expressions import RawSQL

_ESCAPED = re.compile(r"\\([bfnrtv\\])")
_MEANT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
NULL = "\\N"


def columns_of(queryset):
    """Return the columns of a `values_list` queryset as lists of texts, "" for NULL.

    https://www.postgresql.org/docs/current/sql-copy.html (text format)
    """
    statement, parameters = queryset.query.sql_with_params()
    connection.ensure_connection()
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY ({statement}) TO STDOUT", parameters) as copy:
        text = b"".join(copy).decode()
    rows = [line.split("\t") for line in text.split("\n")[:-1]]
    width = len(queryset.query.values_select) + len(queryset.query.annotation_select)
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
    return [_meant(column) for column in columns] if "\\" in text else columns


def _meant(column):
    return ["" if text == NULL else _unescaped(text) if "\\" in text else text for text in column]


def _unescaped(text):
    return _ESCAPED.sub(lambda found: _MEANT[found[1]], text)


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
