"""Whom a record may be the same as: its blocks are probed, those found are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db import connection

from crm.duplicates.counting import stand_for_all
from crm.duplicates.keeping import keys_of
from crm.duplicates.kinds import kind_of
from crm.matching.comparing import Pairs
from crm.matching.evidence import evidence
from crm.matching.finding import weigh
from crm.matching.weighing import probability

MOST_COMPARED = 500  # records; those that share the most keys come first
LIKELY = 0.0  # log odds from which somebody who types is told


@dataclass(frozen=True)
class Likely:
    """A record that what was typed may be: the record, log odds, and the Evidence, strongest first."""

    record: object
    weight: float
    evidence: list

    @property
    def probability(self):
        return float(probability(self.weight))


def likely(model, columns, user, *, but=None, most=5):
    """Return [Likely], surest first, for what somebody types: those that this user may see, and no others.

    `columns`: {column of the specification: its texts}. `but`: the id of the record that is being changed.
    """
    kind = kind_of(model)
    if kind is None or not any(text for texts in columns.values() for text in texts):
        return []
    frame = kind.specification.standardise(
        {name: [[text] for text in texts or [""]] for name, texts in columns.items()}
    )
    ids = sharing_keys(kind, frame, but=but)
    visible = model.objects.visible_to(user).in_bulk(ids) if ids else {}
    found = compare_one(kind, columns, sorted(visible))
    told = sorted((one for one in found if one[1] > LIKELY), key=lambda one: -one[1])[:most]
    return [Likely(visible[pk], weight, lines) for pk, weight, lines in told]


def sharing_keys(kind, frame, *, but=None):
    """Return the ids of the records that share a block that is not too large with the one record of a frame."""
    _places, keys, caps = keys_of(kind.specification, frame)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asked.key, asked.cap, found.record"
            " FROM unnest(%s::bigint[], %s::int[]) AS asked (key, cap), LATERAL ("
            "   SELECT record FROM crm_matchkey WHERE kind = %s AND crm_matchkey.key = asked.key"
            "   ORDER BY record LIMIT asked.cap + 1) AS found",
            [keys.tolist(), caps.tolist(), kind.number],
        )
        rows = cursor.fetchall()
    blocks: dict[int, list[int]] = {}
    for key, _cap, record in rows:
        blocks.setdefault(key, []).append(record)
    capped = dict(zip(keys.tolist(), caps.tolist(), strict=True))
    shared: dict[int, int] = {}
    for key, records in blocks.items():
        if len(records) - (but in records) < capped[key]:
            for record in records:
                shared[record] = shared.get(record, 0) + 1
    shared.pop(but, None)
    return sorted(shared, key=lambda record: (-shared[record], record))[:MOST_COMPARED]


def compare_one(kind, columns, ids):
    """Return [(id, weight, [Evidence])] of these records, compared with one that is not stored or not as stored."""
    numbers, stored = kind.read(ids) if ids else ([], {})
    if not numbers:
        return []
    frame = kind.specification.standardise(_with_one_more(stored, columns, len(numbers)))
    stand_for_all(kind, frame)
    count = len(numbers)
    pairs = Pairs(frame, np.arange(count), np.full(count, count))
    weight, _veto, levels = weigh(kind.specification, pairs)
    return [
        (pk, float(weight[place]), evidence(kind.specification, levels, place, frame.population))
        for place, pk in enumerate(numbers)
    ]


def _with_one_more(stored, columns, count):
    """The stored columns with one record more at their end."""
    joined = {}
    for name in {**stored, **columns}:
        before, after = stored.get(name, []), columns.get(name, [])
        slots = max(len(before), len(after), 1)
        joined[name] = [
            (before[slot] if slot < len(before) else [""] * count) + [after[slot] if slot < len(after) else ""]
            for slot in range(slots)
        ]
    return joined
