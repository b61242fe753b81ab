"""The weights in use: the shipped ones, adapted to the records and improved by what people said to suggestions."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from crm.duplicates.rows import MatchCount, MatchWeights, Suggestion
from crm.matching.columns import SMALLEST_POPULATION
from crm.matching.comparing import Levels
from crm.matching.learning import learnt
from crm.matching.weighing import Weights

VERSION = "weights"  # the column's name under which the id of the MatchWeights in use stands, 0 for the shipped ones
LEAST = 10  # answers from which on they are learnt from
NEWEST = 5_000  # answers
DECIMALS = 4


def in_use(kind):
    """Return the specification of a kind with the weights in use: one query."""
    rows = MatchCount.objects.filter(kind=kind.number, column=VERSION, value=0)
    return by_version(kind, rows.values_list("count", flat=True).first() or 0)


def by_version(kind, version):
    """Return the specification of a kind with the weights of this version; the shipped ones where they are gone."""
    return _weighing(kind, version) if version else kind.specification


@lru_cache(maxsize=16)
def _weighing(kind, version):
    kept = MatchWeights.objects.filter(pk=version, specification=kind.specification.weights_fingerprint).first()
    return weighing_by(kind, kept.weights) if kept else kind.specification


def weighing_by(kind, told):
    """Return the specification of a kind with weights as `as_told` gives them."""
    comparisons = kind.specification.comparisons
    return kind.specification.weighing_by(Weights.of_tables(told["prior"], told["fields"], comparisons))


def as_told(specification):
    """Return the weights of a specification as JSON."""
    tables = specification.weights.tables(specification.comparisons)
    rounded = {
        name: {level: [round(one, DECIMALS) for one in pair] for level, pair in table.items()}
        for name, table in tables.items()
    }
    return {"prior": round(specification.weights.prior, DECIMALS), "fields": rounded}


def taught(kind, specification, population):
    """Return a specification of a kind whose weights also follow from all answers, and how many these are.

    Answers to pairs found by other comparisons than today's are left out; few teach nothing.
    """
    levels, same = _said(kind)
    if len(same) < LEAST:
        return specification, 0
    found = learnt(specification, levels, max(population, SMALLEST_POPULATION), same)
    return specification.weighing_by(found), len(same)


def take_into_use(kind, specification, answers):
    """Note the weights of a specification as those in use; return (their version, the specification by it)."""
    told, fingerprint = as_told(specification), kind.specification.weights_fingerprint
    newest = MatchWeights.objects.filter(kind=kind.number).order_by("-id").first()
    if newest is None or (newest.weights, newest.specification) != (told, fingerprint):
        row = {"specification": fingerprint, "weights": told, "answers": answers}
        newest = MatchWeights.objects.create(kind=kind.number, **row)
    return newest.pk, weighing_by(kind, told)


def _said(kind):
    """Return (levels, whether they are the same) of the pairs that were answered last."""
    comparisons = kind.specification.comparisons
    answers = Suggestion.objects.answered().filter(kind=kind.number).order_by("-answered_at", "-id")
    rows = answers.values_list("levels", "rarities", "state")[:NEWEST]
    rows = [row for row in rows if len(row[0]) == len(comparisons) and len(row[1]) == 4 * len(comparisons)]
    codes = np.frombuffer(b"".join(bytes(row[0]) for row in rows), np.uint8).reshape(len(rows), len(comparisons))
    rarities = np.frombuffer(b"".join(bytes(row[1]) for row in rows), np.float32).reshape(codes.shape)
    levels = {one.name: Levels(codes[:, at], rarities[:, at]) for at, one in enumerate(comparisons)}
    return levels, np.array([row[2] == Suggestion.State.SAME for row in rows], bool)
