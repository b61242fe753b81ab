"""Whom many records may be the same as, before they are stored: what an import asks, some thousand at a time."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from crm.duplicates.counting import stand_for_all
from crm.duplicates.keeping import keys_of
from crm.duplicates.kinds import kind_of
from crm.duplicates.looking import LIKELY, blocks, joined, seen_among
from crm.matching.comparing import Pairs
from crm.matching.finding import weigh
from crm.matching.weighing import probability

MOST_EACH = 6  # records that one is compared with, those in the smallest blocks first
LEAST_SHARED = 0.1  # sum over the blocks shared of 1 / records in it: one block of ten, or ten of a hundred


def likely_many(model, many, user, *, without=frozenset()):
    """Return for each of `many` (id, probability, name) of the record there that it most likely is, None for no such.

    `many`: for each {column of the specification: its texts}. What is hidden from the user is not compared, records
    that they do not see are not told, as in `likely`. `without`: a set of ids not asked for.
    """
    kind, best = kind_of(model), [None] * len(many)
    if kind is None or not many:
        return best
    brought = _slots([kind.seen(columns, user) for columns in many])
    wanted = _candidates(kind, kind.specification.standardise(brought), model, user, without)
    ids = sorted({pk for some in wanted.values() for pk in some})
    if not ids:
        return best
    numbers, stored = kind.read(ids, user)
    found = _best(kind, numbers, kind.seen(stored, user), brought, wanted) if numbers else {}
    named = model.objects.visible_to(user).in_bulk({pk for pk, _weight in found.values()})
    for place, (pk, weight) in found.items():
        if pk in named:
            best[place] = (pk, float(probability(weight)), str(named[pk]))
    return best


def _slots(many):
    """Return {column: slots}: the first text of each record, the second of each."""
    names = {name for columns in many for name in columns}
    most = {name: max(1, *(len(columns.get(name, ())) for columns in many)) for name in names}
    return {
        name: [[_text(columns.get(name, ()), slot) for columns in many] for slot in range(most[name])]
        for name in sorted(names)
    }


def _text(texts, slot):
    return texts[slot] if slot < len(texts) else ""


def _candidates(kind, frame, model, user, without):
    """Return {place: ids} of the records that share a block that is not too large, the likeliest few of each."""
    places, keys, caps = keys_of(kind.specification, frame)
    capped = dict(zip(keys.tolist(), caps.tolist(), strict=True))
    near = {key: records for key, records in blocks(kind, capped).items() if len(records) < capped[key]}
    shared: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for place, key in zip(places.tolist(), keys.tolist(), strict=True):
        for record in near.get(key, ()):
            if record not in without:
                shared[place][record] += 1 / len(near[key])
    enough = {
        place: {record: score for record, score in some.items() if score >= LEAST_SHARED}
        for place, some in shared.items()
    }
    seen = set(seen_among(sorted({record for some in enough.values() for record in some}), model, user))
    return {
        place: [pk for pk in sorted(some, key=lambda pk: (-some[pk], pk)) if pk in seen][:MOST_EACH]
        for place, some in enough.items()
    }


def _best(kind, numbers, stored, brought, wanted):
    """Return {place: (id, log odds)} of the likeliest record of each, where it is rather the same than not."""
    count, more = len(numbers), len(next(iter(brought.values()))[0])
    frame = kind.specification.standardise(joined(stored, brought, count, more))
    specification = stand_for_all(kind, frame)
    at = {pk: place for place, pk in enumerate(numbers)}
    pairs = [(at[pk], count + place) for place, some in wanted.items() for pk in some if pk in at]
    if not pairs:
        return {}
    left, right = (np.array(side) for side in zip(*pairs, strict=True))
    weight, veto, _levels = weigh(specification, Pairs(frame, left, right))
    found: dict[int, tuple[int, float]] = {}
    for (one, place), score, apart in zip(pairs, weight.tolist(), veto.tolist(), strict=True):
        if score > LIKELY and not apart and score > found.get(place - count, (0, LIKELY))[1]:
            found[place - count] = (numbers[one], score)
    return found
