"""Whom a record may be the same as: its blocks are probed, those found are compared."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from django.db import connection

from crm.access import access_of
from crm.duplicates.counting import stand_for_all
from crm.duplicates.keeping import keys_of_one
from crm.duplicates.kinds import kind_of
from crm.matching.comparing import Pairs
from crm.matching.evidence import evidence
from crm.matching.finding import weigh
from crm.matching.weighing import probability

MOST_COMPARED = 500  # records; those in the smallest blocks come first
MOST_WHILE_TYPING = 16  # of those that the user may see
LIKELY = 0.0  # log odds from which somebody who types is told


@dataclass(frozen=True)
class Likely:
    """A record that what was typed may be: the record, log odds, the Evidence, strongest first, and it in words."""

    record: object
    weight: float
    evidence: list
    words: tuple = ()

    @property
    def probability(self):
        return float(probability(self.weight))


def likely(model, columns, user, *, but=None, most=5, without=frozenset()):
    """Return [Likely], surest first, for what somebody types: those that this user may see, and no others.

    `columns`: {column of the specification: its texts}; those of fields hidden from the user are left out, and those of
    the stored records, too. `but`: the id of the record that is being changed. `without`: a set of ids not asked for.
    """
    kind = kind_of(model)
    columns = kind.seen(columns, user) if kind else {}
    if not any(text for texts in columns.values() for text in texts):
        return []
    shared = sharing_keys(kind, kind.frame_of_one(columns), but=but)
    ids = seen_among([pk for pk in shared if pk not in without], model, user)
    found = compare_one(kind, columns, sorted(ids[:MOST_WHILE_TYPING]), reader=user)
    told = sorted((one for one in found if one[1] > LIKELY), key=lambda one: -one[1])[:most]
    visible = model.objects.visible_to(user).in_bulk([pk for pk, *_rest in told]) if told else {}
    return [Likely(visible[pk], *rest) for pk, *rest in told if pk in visible]


def stored(model, pk):
    """Return {column: texts} of a record as it is stored; nothing of one that is not live."""
    ids, columns = kind_of(model).read([pk])
    return {name: [slot[0] for slot in slots if slot[0]] for name, slots in columns.items()} if ids else {}


def seen_among(ids, model, user):
    """Return the ids of those that the user may see, in the same order; whoever sees all is spared the question."""
    if not ids or access_of(user).scope(model._meta.label_lower, "view") == "all":
        return ids
    visible = set(model.objects.visible_to(user).filter(pk__in=ids).order_by().values_list("pk", flat=True))
    return [pk for pk in ids if pk in visible]


def sharing_keys(kind, frame, *, but=None):
    """Return the ids of the records that share a block that is not too large with the one record of a frame."""
    capped = keys_of_one(kind.specification, frame)
    shared: dict[int, float] = {}
    for key, records in blocks(kind, capped).items():
        if len(records) - (but in records) < capped[key]:
            for record in records:
                shared[record] = shared.get(record, 0) + 1 / len(records)
    shared.pop(but, None)
    return sorted(shared, key=lambda record: (-shared[record], record))[:MOST_COMPARED]


def blocks(kind, capped):
    """Return {key: ids of the records that have it} for {key: cap}; of those with more, one more than the cap."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asked.key, array_agg(found.record)"
            " FROM unnest(%s::bigint[], %s::int[]) AS asked (key, cap), LATERAL ("
            "   SELECT record FROM crm_matchkey WHERE kind = %s AND crm_matchkey.key = asked.key"
            "   ORDER BY record LIMIT asked.cap + 1) AS found GROUP BY asked.key",
            [list(capped), list(capped.values()), kind.number],
        )
        return dict(cursor.fetchall())


def compare_one(kind, columns, ids, *, reader=None):
    """Return [(id, weight, [Evidence], words)] of these records, compared with one that is not stored or not as stored.

    For a reader what is hidden from them is left out, and how many hold a value is told to those alone who see all.
    """
    numbers, stored = kind.read(ids, reader) if ids else ([], {})
    if not numbers:
        return []
    stored = kind.seen(stored, reader) if reader else stored
    count, typed = len(numbers), {name: [[text] for text in texts] for name, texts in columns.items()}
    frame = kind.specification.standardise(joined(stored, typed, count, 1))
    specification = stand_for_all(kind, frame)
    counts = reader is None or access_of(reader).scope(kind.name, "view") == "all"
    pairs = Pairs(frame, np.arange(count), np.full(count, count))
    weight, _veto, levels = weigh(specification, pairs)
    return [
        (numbers[place], float(weight[place]), *_reasons(kind, specification, frame.population, levels, place, counts))
        for place in np.flatnonzero(weight > LIKELY).tolist()
    ]


def _reasons(kind, specification, population, levels, place, counts):
    """The Evidence, and in words what speaks for it."""
    lines = evidence(specification, levels, place, population)
    said = (kind.worded(line, population, counts=counts) for line in lines if line.weight > 0)
    return lines, tuple(dict.fromkeys(said))


def joined(stored, brought, count, more):
    """Return {column: slots} of `count` records with `more` behind them; a slot is a list with a text for each."""
    whole = {}
    for name in {**stored, **brought}:
        before, after = stored.get(name, []), brought.get(name, [])
        slots = zip_longest(before or [[""] * count], after or [[""] * more])
        whole[name] = [(one or [""] * count) + (other or [""] * more) for one, other in slots]
    return whole
