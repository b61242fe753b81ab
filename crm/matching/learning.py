"""Weights learnt from pairs of which it is known whether they are the same.

A logistic regression with a normal prior around given weights (maximum a posteriori, found by Newton's method): with no
answers the weights stay what they were, a few hardly move them, many do. That a weight of evidence is the coefficient
of a logistic regression: Hosmer and Lemeshow, Applied Logistic Regression, 2013, chapter 1.
"""

from dataclasses import replace

import numpy as np

from crm.matching.weighing import CLAMP, Weights

ROUNDS = 40
BASE_TIGHTNESS, SLOPE_TIGHTNESS, PRIOR_TIGHTNESS = 4.0, 400.0, 40.0  # 1 / variance of what users' answers may change


def learnt(specification, levels, population, same):
    """Return the specification's Weights, improved by answers.

    `levels`: {comparison: Levels} of the pairs asked about, `same`: whether each was said to be the same, `population`:
    how many records the pairs were found among. Which pairs are asked about tells little of how many there are, so the
    prior hardly moves.
    """
    comparisons, given = specification.comparisons, specification.weights
    centre = vector(given, comparisons)
    tightness = np.tile([BASE_TIGHTNESS, SLOPE_TIGHTNESS], len(centre) // 2)
    tightness = np.append(tightness, PRIOR_TIGHTNESS)
    offset = np.full(len(same), given.prior_of(population) - given.prior)
    found = fitted(design(comparisons, levels), same, offset, np.ones(len(same)), centre, tightness)
    return replace(weights(found, comparisons), shares=given.shares)


def design(comparisons, levels, sloped=None):
    """Return float32 of shape (pairs, parameters): 1 in the column of a pair's level, and its rarity beside it.

    `sloped`: the (comparison, level) whose weight depends on the rarity; all if None. The last column is the prior's.
    """
    columns = []
    for compared in comparisons:
        found = levels[compared.name]
        for place, level in enumerate(compared.levels, 1):
            here = found.codes == place
            depends = sloped is None or (compared.name, level) in sloped
            columns += [here, here * found.rarity if depends else np.zeros(len(here), bool)]
    return np.stack([*columns, np.ones(len(here))], axis=1, dtype=np.float32)


def vector(given, comparisons):
    """Return the weights as float64 in the order of the columns of `design`."""
    return np.concatenate([*(given.fields[compared.name][1:].ravel() for compared in comparisons), [given.prior]])


def weights(vector, comparisons):
    """Return the Weights whose `vector` this is."""
    fields, place = {}, 0
    for compared in comparisons:
        table = np.zeros((len(compared.levels) + 1, 2), np.float32)
        table[1:] = np.reshape(vector[place : place + 2 * len(compared.levels)], (-1, 2))
        fields[compared.name], place = table, place + 2 * len(compared.levels)
    return Weights(float(vector[-1]), fields)


def fitted(design, same, offset, importance, centre, tightness):
    """Return the most probable coefficients, float64; a column without a pair keeps its centre.

    `offset`: log odds that are known beforehand, `importance`: of each pair, `tightness`: 1 / variance about `centre`.
    """
    used = np.flatnonzero(np.abs(design).sum(0) > 0)
    design, middle, tight = design[:, used], centre[used], tightness[used]
    now, loss = middle.copy(), _loss(design, same, offset, importance, middle, middle, tight)
    for _round in range(ROUNDS):
        step = _step(design, same, offset, importance, now, middle, tight)
        size = 1.0
        while size > 1e-4 and _loss(design, same, offset, importance, now - size * step, middle, tight) > loss:
            size /= 2
        now = now - size * step
        before, loss = loss, _loss(design, same, offset, importance, now, middle, tight)
        if before - loss < 1e-3:
            break
    found = centre.copy()
    found[used] = now
    return found


def _odds(design, offset, now):
    return (design @ now.astype(np.float32)).astype(np.float64) + offset


def _loss(design, same, offset, importance, now, middle, tight):
    odds = _odds(design, offset, now)
    return float((importance * (np.logaddexp(0, odds) - same * odds)).sum() + (tight * (now - middle) ** 2).sum() / 2)


def _step(design, same, offset, importance, now, middle, tight):
    chance = 1 / (1 + np.exp(-np.clip(_odds(design, offset, now), -CLAMP, CLAMP)))
    slope = (design.T @ (importance * (chance - same)).astype(np.float32)) + tight * (now - middle)
    curvature = (design * (importance * chance * (1 - chance)).astype(np.float32)[:, None]).T @ design
    return np.linalg.solve(curvature.astype(np.float64) + np.diag(tight), slope)
