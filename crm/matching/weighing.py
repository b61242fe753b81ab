"""From levels to a weight and a probability.

A pair's weight is the sum of one log-likelihood ratio a field, as Fellegi and Sunter (1969) have it, plus the prior:
the log odds that any two records are the same. A level's ratio is `base + slope * rarity`, so that a rare name in
common says more than a common one (term frequencies). The shipped weights were fitted as a logistic regression on
labelled sets, with the log of the number of records as offset; docs/matching.md tells how.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

CLAMP = 36.0  # beyond it a probability is 0 or 1 in floating point anyway


@dataclass(frozen=True)
class Weights:
    """`prior`: log odds in a file of one record. `fields`: {comparison: float32 (levels + 1, 2) of base, slope}.

    `shares`: {comparison: float64 (levels)}, how often each level is found in pairs that are the same; see adapting.
    """

    prior: float
    fields: dict
    shares: dict = field(default_factory=dict)

    @classmethod
    def read(cls, path, comparisons):
        """Return the weights in a JSON file; what it does not name weighs nothing. Raises KeyError for unknown ones."""
        kept = json.loads(Path(path).read_text())
        return cls.of_tables(kept["prior"], kept["fields"], comparisons, kept.get("shares", {}))

    @classmethod
    def of_tables(cls, prior, tables, comparisons, shares=None):
        """Return the weights of {comparison: {level: (base, slope)}}; raise KeyError for unknown comparisons.

        `shares`: {comparison: {level: share}}; levels that are not named have none.
        """
        fields = {}
        for compared in comparisons:
            table = np.zeros((len(compared.levels) + 1, 2), np.float32)
            for level, (base, slope) in tables.get(compared.name, {}).items():
                table[1 + compared.levels.index(level)] = base, slope
            fields[compared.name] = table
        if unknown := set(tables) - set(fields):
            raise KeyError(f"weights of unknown comparisons: {sorted(unknown)}")
        return cls(prior, fields, _shares(shares or {}, comparisons))

    def tables(self, comparisons):
        """Return {comparison: {level: (base, slope)}}, what `of_tables` takes."""
        return {
            compared.name: dict(zip(compared.levels, self.fields[compared.name][1:].tolist(), strict=True))
            for compared in comparisons
        }

    def of(self, compared, levels):
        """Return the weight that one comparison gives each pair, float32."""
        table = self.fields[compared.name]
        return table[levels.codes, 0] + table[levels.codes, 1] * levels.rarity

    def prior_of(self, population):
        """Return the log odds that two records out of so many are the same: they fall as 1 / n."""
        return self.prior - float(np.log(max(population, 1)))


def _shares(told, comparisons):
    """The shares as arrays, of the comparisons for which any are told."""
    known = [compared for compared in comparisons if compared.name in told]
    return {one.name: np.array([told[one.name].get(level, 0.0) for level in one.levels]) for one in known}


def probability(weight):
    """Return the probability that belongs to log odds."""
    return 1 / (1 + np.exp(-np.clip(weight, -CLAMP, CLAMP)))
