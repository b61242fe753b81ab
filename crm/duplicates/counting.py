"""How many records hold a value: counted by the full run, asked for when a few records are compared."""

from datetime import timedelta

import numpy as np
from django.db import connection

from crm.duplicates.learning import VERSION, by_version
from crm.duplicates.rows import MatchCount

SETTLED = timedelta(seconds=15)  # after which what was being written at a moment has been committed
LOOKED = "looked"  # and, as the value, when the last full run began: milliseconds since 1970
POPULATION = "*"  # the column's name under which the number of all records stands


def note_looked(kind, at):
    """Note when the full run began that has found whatever was there by then."""
    MatchCount.objects.create(kind=kind.number, column=LOOKED, value=round(at.timestamp() * 1000), count=0)


def looked_since(kind, moment):
    """Whether a full run has looked at all that was written by this moment, and well after it."""
    least = round((moment + SETTLED).timestamp() * 1000)
    return MatchCount.objects.filter(kind=kind.number, column=LOOKED, value__gt=least).exists()


def counts_of(specification, frame):
    """Return {column: (hashes as uint64, counts)} of the columns whose rarity comparisons ask for."""
    columns = {name: frame[name] for name in specification.counted}
    return {name: (column.hashes[:-1], column.counts[:-1]) for name, column in columns.items()}


def added(parts):
    """Return counts of several parts of the records as one: (hashes, counts) of values that more than one holds."""
    hashes, counts = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    values, place = np.unique(hashes, return_inverse=True)
    sums = np.bincount(place, weights=counts, minlength=len(values)).astype(np.int64)
    return values[sums > 1], sums[sums > 1]


def stand_for(frame, population, counts):
    """Let a frame count as a part of all records. `counts`: {column: (hashes, ascending, counts)}; others are 1."""
    known = {name: _looked_up(frame[name].hashes[:-1], *counts[name]) for name in counts}
    frame.stands_for(population, {name: np.append(found, 0) for name, found in known.items()})


def _looked_up(hashes, values, counts):
    places = np.searchsorted(values, hashes)
    there = np.append(values, np.uint64(0))[places] == hashes
    return np.where(there, np.append(counts, 1)[places], 1)


def write_counts(kind, population, version, counts):
    """Write how many records there are, the version of the weights in use, and {column: (hashes, counts)}."""
    MatchCount.objects.filter(kind=kind.number).delete()
    into = 'COPY crm_matchcount (kind, "column", value, count) FROM STDIN'
    with connection.connection.cursor() as cursor, cursor.copy(into) as copy:
        copy.write(f"{kind.number}\t{POPULATION}\t0\t{population}\n{kind.number}\t{VERSION}\t0\t{version}\n")
        for name, (hashes, number) in counts.items():
            lines = zip(hashes.view(np.int64).tolist(), number.tolist(), strict=True)
            copy.write("".join(f"{kind.number}\t{name}\t{value}\t{count}\n" for value, count in lines))


def stand_for_all(kind, frame):
    """Let a frame of a few records count as a part of all and return the specification in use: one query."""
    names = [name for name in kind.specification.counted if len(frame[name].values)]
    hashes = {name: frame[name].hashes[:-1].view(np.int64).tolist() for name in names}
    columns = [POPULATION, VERSION, *(name for name in names for _value in hashes[name])]
    values = [0, 0, *(value for name in names for value in hashes[name])]
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
    return by_version(kind, known.get((VERSION, 0), 0))
