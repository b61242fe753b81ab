"""The certain band: pairs so likely to be one that nobody need look at each, and how right they were found to be.

How right they are is measured twice: on labelled sets, before the weights are shipped (`Measured`, written by
`python -m bench.matching.certain`), and by what the users of an installation answered (`lower_bound` of that).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from math import log, sqrt
from pathlib import Path

Z_95 = 1.959964  # standard deviations within which 95 % of a normal distribution lie


@dataclass(frozen=True)
class MeasuredSet:
    """One labelled set: its size, the pairs in the band, how many of them were right, and all true pairs.

    `recall_at_995`: the share of all true pairs that the surest ones hold while .995 of those are right. `is_clean`:
    whether its labels are known to be right.
    """

    name: str
    records: int
    pairs: int
    right: int
    true_pairs: int
    recall_at_995: float
    is_clean: bool = True

    @property
    def precision(self):
        """The share of pairs that were right, 0 to 1; None where there was none."""
        return self.right / self.pairs if self.pairs else None

    @property
    def recall(self):
        return self.right / self.true_pairs if self.true_pairs else 0.0


@dataclass(frozen=True)
class Measured:
    """How right the band was on labelled sets, each matched by weights that were fitted without it.

    `command`: what prints it anew; `on`: the day it was measured.
    """

    probability: float
    command: str
    on: date
    sets: tuple[MeasuredSet, ...]

    @classmethod
    def read(cls, path):
        """Return what a JSON file tells, None if there is no such file."""
        if path is None or not Path(path).exists():
            return None
        told = json.loads(Path(path).read_text())
        return cls(
            told["probability"],
            told["command"],
            date.fromisoformat(told["on"]),
            tuple(MeasuredSet(**one) for one in told["sets"]),
        )

    @property
    def clean(self):
        return [one for one in self.sets if one.is_clean]

    @property
    def pairs(self):
        return sum(one.pairs for one in self.clean)

    @property
    def right(self):
        return sum(one.right for one in self.clean)

    @property
    def precision(self):
        """The share of pairs that were right, of all clean sets together, 0 to 1; None where there was none."""
        return self.right / self.pairs if self.pairs else None

    @property
    def least(self):
        """The lower 95 % confidence bound of that share, 0 to 1."""
        return lower_bound(self.right, self.pairs)


def odds_of(probability):
    """Return the log odds of a probability between 0 and 1."""
    return log(probability / (1 - probability))


def lower_bound(right, of):
    """Return the share that is really right at least, 0 to 1, with 95 % confidence, where `right` of `of` were.

    The lower end of the score interval: Wilson, "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association 22 (1927), page 209. Of none it is 0.
    """
    if not of:
        return 0.0
    share, square = right / of, Z_95**2
    middle = share + square / (2 * of)
    spread = Z_95 * sqrt(share * (1 - share) / of + square / (4 * of**2))
    return max(0.0, (middle - spread) / (1 + square / of))


def least_answers(bound):
    """Return how many answers it takes, all of them right, for their lower bound to reach `bound`."""
    number = 1
    while lower_bound(number, number) < bound:
        number += 1
    return number
