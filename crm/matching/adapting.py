"""Weights brought nearer to the records at hand, without labels.

How often a field agrees among pairs that are the same differs from one base to another: who keeps no birthdays by hand
mistypes fewer. One step of expectation and maximisation (Dempster, Laird and Rubin, 1977; for linkage Winkler, 1988)
estimates it from the pairs at hand, each counted by how likely the shipped weights hold it to be the same. EM left to
itself can end anywhere, so the step is anchored: the shares of the labelled sets count as many pairs more, and a weight
goes a fifth of the way. bench.matching.fitting prints what that does to sets the weights were not fitted to.
"""

import numpy as np

from crm.matching.weighing import Weights, probability

LEAST = -1.0  # log odds: pairs below are not counted
ANCHOR = 200.0  # pairs of the labelled sets' shares
WAY = 0.2
MOST = 0.5  # log odds by which one weight may be moved


def adapted(given, comparisons, weight, levels):
    """Return Weights for the base these pairs come from; the given ones where they tell no shares.

    `weight`: log odds of the pairs by the given weights, `levels`: {comparison: Levels} of them.
    """
    likely = np.flatnonzero(weight >= LEAST)
    chance = probability(weight[likely])
    fields = dict(given.fields)
    for compared in comparisons:
        if compared.name in given.shares:
            codes = levels[compared.name].codes[likely]
            held = np.bincount(codes, weights=chance, minlength=len(compared.levels) + 1)[1:]
            fields[compared.name] = _moved(given.fields[compared.name], given.shares[compared.name], held)
    return Weights(given.prior, fields, given.shares)


def _moved(table, shares, held):
    """The weights of one comparison. `shares`: of each level in the labelled sets, `held`: pairs of each here."""
    known = (shares > 0) & table[1:].any(axis=1)
    found = (held + ANCHOR * shares) / (held.sum() + ANCHOR)
    change = np.zeros(len(shares))
    change[known] = np.clip(WAY * np.log(found[known] / shares[known]), -MOST, MOST)
    moved = table.copy()
    moved[1:, 0] += change
    return moved


def shares_of(comparisons, levels):
    """Return {comparison: share of each of its levels} among pairs, of those where it has anything to compare."""
    found = {}
    for compared in comparisons:
        held = np.bincount(levels[compared.name].codes, minlength=len(compared.levels) + 1)[1:]
        found[compared.name] = held / max(held.sum(), 1)
    return found
