"""How many records hold a value: counted by the full run, asked for when a few records are compared."""

import numpy as np
from django.db import connection

from crm.duplicates.rows import MatchCount

KEYS = "keys"  # and the fingerprint of the keys that all records have been given
POPULATION = "*"  # the column's name under which the number of all records stands


def write_counts(kind, frame):
    """Write the counts of the columns whose rarity comparisons ask for; values of one record are left out."""
    MatchCount.objects.filter(kind=kind.number).exclude(column=KEYS).delete()
    into = 'COPY crm_matchcount (kind, "column", value, count) FROM STDIN'
    with connection.connection.cursor() as cursor, cursor.copy(into) as copy:
        copy.write(f"{kind.number}\t{POPULATION}\t0\t{frame.size}\n")
        for name in kind.specification.counted:
            column = frame[name]
            several = np.flatnonzero(column.counts > 1)
            values = column.hashes[several].view(np.int64).tolist()
            lines = zip(values, column.counts[several].tolist(), strict=True)
            copy.write("".join(f"{kind.number}\t{name}\t{value}\t{count}\n" for value, count in lines))


def stand_for_all(kind, frame):
    """Let a frame of a few records count as a part of all: one query."""
    names = [name for name in kind.specification.counted if len(frame[name].values)]
    hashes = {name: frame[name].hashes[:-1].view(np.int64).tolist() for name in names}
    columns = [POPULATION, *(name for name in names for _value in hashes[name])]
    values = [0, *(value for name in names for value in hashes[name])]
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT "column", value, count FROM crm_matchcount WHERE kind = %s'
            ' AND ("column", value) IN (SELECT * FROM unnest(%s::text[], %s::bigint[]))',
            [kind.number, columns, values],
        )
        known = {(column, value): count for column, value, count in cursor.fetchall()}
    counts = {
        name: np.maximum(frame[name].counts, [*(known.get((name, value), 1) for value in hashes[name]), 0])
        for name in names
    }
    frame.stands_for(known.get((POPULATION, 0), frame.size), counts)
