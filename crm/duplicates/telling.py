"""Why two stored records may be one, told from what is kept with the suggestion."""

from dataclasses import dataclass

import numpy as np

from crm.duplicates.kinds import numbered
from crm.duplicates.learning import in_use
from crm.matching.comparing import Levels
from crm.matching.evidence import Evidence, evidence

LARGEST = 10**10  # records: what the population is read from may come from other weights


@dataclass(frozen=True)
class Told:
    """What a suggestion says: `prior` and the lines' weights (log odds) add up to its weight.

    `population`: among how many records the two were compared.
    """

    prior: float
    lines: list[Evidence]
    population: int


def told(suggestion, specification=None):
    """Return what speaks for and against a suggestion, the strongest line first. `specification`: see `in_use`.

    Where it was found by other comparisons than there are today it has no lines, and all its weight is the prior.
    """
    specification = specification or in_use(numbered(suggestion.kind))
    codes = np.frombuffer(bytes(suggestion.levels), np.uint8)
    rarities = np.frombuffer(bytes(suggestion.rarities), np.float32)
    if not len(codes) == len(rarities) == len(specification.comparisons):
        return Told(suggestion.weight, [], 0)
    levels = {
        compared.name: Levels(codes[place : place + 1], rarities[place : place + 1])
        for place, compared in enumerate(specification.comparisons)
    }
    if any(levels[compared.name].codes[0] > len(compared.levels) for compared in specification.comparisons):
        return Told(suggestion.weight, [], 0)
    prior = suggestion.weight - sum(line.weight for line in evidence(specification, levels, 0, 1))
    population = round(float(np.exp(min(specification.weights.prior - prior, np.log(LARGEST)))))
    return Told(prior, evidence(specification, levels, 0, population), population)
