"""Why a pair has its weight: one line a field, which add up to it."""

from dataclasses import dataclass

import numpy as np

RARE, COMMON = 5e-5, 2e-3  # shares of all records


@dataclass(frozen=True)
class Evidence:
    """What one comparison says of a pair: its level, log-likelihood ratio, and how many records hold the value."""

    comparison: str
    level: str
    weight: float
    holders: int


def evidence(specification, levels, place, population):
    """Return the Evidence of the pair at `place`, strongest first. `levels`: {comparison: Levels}.

    The prior is not among it: weight of the pair = prior + the sum of the weights.
    """
    found = []
    for compared in specification.comparisons:
        outcome = levels[compared.name]
        code = int(outcome.codes[place])
        if code:
            base, slope = specification.weights.fields[compared.name][code]
            rarity = float(outcome.rarity[place])
            holders = round(population * float(np.exp(-rarity))) if rarity else 0
            found.append(Evidence(compared.name, compared.levels[code - 1], float(base + slope * rarity), holders))
    return sorted(found, key=lambda line: -abs(line.weight))
