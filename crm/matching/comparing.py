"""Comparing pairs of records field by field: each comparison gives every pair a level, and how rare its value is."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from crm.matching.columns import NONE


@dataclass
class Levels:
    """The outcome of a comparison for m pairs.

    `codes`: uint8, 0 where there is nothing to compare, else 1 + the place of the level among those declared.
    `rarity`: float32, -log of the share of records with the value; 0 where the level has no value in common.
    """

    codes: np.ndarray
    rarity: np.ndarray


@dataclass(frozen=True)
class Comparison:
    """A field compared. `function(pairs)` returns (masks in the order of `levels`, rarity or None).

    The first mask that is true for a pair gives its level.
    """

    name: str
    levels: tuple
    function: Callable

    def __call__(self, pairs):
        masks, rarity = self.function(pairs)
        codes = np.zeros(len(pairs), np.uint8)
        for place, mask in reversed(list(enumerate(masks, 1))):
            codes[mask] = place
        rarity = np.zeros(len(pairs), np.float32) if rarity is None else rarity.astype(np.float32)
        return Levels(codes, rarity)


def comparison(name, *levels):
    """Declare a comparison: the decorated function gets Pairs and returns (a mask for each level, rarity or None)."""
    return lambda function: Comparison(name, levels, function)


class Pairs:
    """Pairs of records of a frame: what comparisons ask. All answers are arrays with one entry a pair."""

    def __init__(self, frame, left, right):
        self.frame, self.left, self.right = frame, left, right
        self._known = {}

    def __len__(self):
        return len(self.left)

    def once(self, name, function):
        """Return `function(self)`, computed once under this name."""
        if name not in self._known:
            self._known[name] = function(self)
        return self._known[name]

    def both(self, name):
        """Whether both records have a text in this column."""
        return self.once(("both", name), lambda _pairs: self._has(name, self.left) & self._has(name, self.right))

    def one(self, name):
        """Whether just one of the two has a text in this column."""
        return self._has(name, self.left) ^ self._has(name, self.right)

    def equal(self, name):
        """Whether they share a text of this column."""
        return self.shared(name) > 0

    def shared(self, name):
        """How many records hold the text that they share (the rarest of several); 0 where they share none."""
        return self.once(("shared", name), lambda _pairs: self._shared(name))

    def shared_texts(self, name):
        """How many texts of this column they share."""
        return sum((left == right) & (left >= 0) for left, right in self._slots(name))

    def is_a(self, name, *texts):
        """Whether a text of this column of either record is among `texts`."""
        return self.flag(name, lambda text: text in texts)

    def flag(self, name, function):
        """Whether `function(text)` holds for a text of this column of either record."""
        held = self.frame[name].lookup(function)
        codes = self.frame[name].codes
        return held[codes[:, self.left]].any(0) | held[codes[:, self.right]].any(0)

    def rarity(self, name):
        """-log of the share of records that hold the commoner of the two first texts."""
        codes, counts = self.frame[name].codes[0], self.frame.counts(name)
        counts = np.maximum(counts[codes[self.left]], counts[codes[self.right]])
        return self.rarity_of(counts)

    def rarity_of(self, counts):
        """-log of the share of records that hold a text, of arrays of counts; 0 for a count of 0."""
        return np.where(counts > 0, -np.log(np.maximum(counts, 1) / self.frame.population), 0)

    def alike(self, name, where=True, *, other=None, scorer=JaroWinkler.normalized_similarity, cutoff=None):
        """The similarity of their texts, 0 to 1, the best of several; 1 where equal, 0 where one has none.

        Only pairs of the mask `where` are compared. `other`: the column of the right record, where it is not the same.
        """
        column, second = self.frame[name], self.frame[other or name]
        best = np.zeros(len(self), np.float32)
        if not (column.values and second.values):
            return best
        for one, two in product(column.codes, second.codes):
            left, right = one[self.left], two[self.right]
            todo = (left > NONE) & (right > NONE) & where
            if other is None:
                best[todo & (left == right)] = 1
                todo &= left != right
            chosen = np.flatnonzero(todo)
            scores = compare(column.texts[left[chosen]], second.texts[right[chosen]], scorer, cutoff)
            best[chosen] = np.maximum(best[chosen], scores)
        return best

    def edits(self, name, where):
        """The fewest edits (a swap of neighbours is one) between their texts, 255 outside the mask `where`."""
        column = self.frame[name]
        edits = np.full(len(self), 255, np.uint8)
        for one, two in product(column.codes, column.codes):
            left, right = one[self.left], two[self.right]
            chosen = np.flatnonzero((left > NONE) & (right > NONE) & where)
            found = process.cpdist(
                column.texts[left[chosen]], column.texts[right[chosen]], scorer=OSA.distance, dtype=np.uint8
            )
            edits[chosen] = np.minimum(edits[chosen], found)
        return edits

    def _slots(self, name):
        codes = self.frame[name].codes
        for one, two in product(codes, codes):
            yield one[self.left], two[self.right]

    def _has(self, name, side):
        if not self.frame[name].values:
            return np.zeros(len(self), bool)
        return (self.frame[name].codes[:, side] > NONE).any(0)

    def _shared(self, name):
        fewest = np.zeros(len(self), np.int64)
        if not self.frame[name].values:
            return fewest
        counts = self.frame.counts(name)
        for left, right in self._slots(name):
            here = np.where((left == right) & (left > NONE), counts[left], 0)
            fewest = np.where((here > 0) & ((fewest == 0) | (here < fewest)), here, fewest)
        return fewest


def compare(left, right, scorer, cutoff=None):
    """The similarity of each left text with its right one, as float32."""
    return process.cpdist(left, right, scorer=scorer, score_cutoff=cutoff, dtype=np.float32)
