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

    def __getitem__(self, places):
        """Return the Levels of some of the pairs."""
        return Levels(self.codes[places], self.rarity[places])


@dataclass(frozen=True)
class Comparison:
    """A field compared. `function(pairs)` returns (masks in the order of `levels`, rarity or None).

    The first mask that is true for a pair gives its level.
    """

    name: str
    levels: tuple
    function: Callable

    def __call__(self, pairs):
        """Return Levels, computed once for the same Pairs."""
        return pairs.once(("levels", self.name), self._levels)

    def _levels(self, pairs):
        masks, rarity = self.function(pairs)
        codes = np.zeros(len(pairs), np.uint8)
        for place, mask in reversed(list(enumerate(masks, 1))):
            np.copyto(codes, np.uint8(place), where=mask)
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

    def codes(self, name):
        """Return (left, right): the codes of the column's slots, int32 of shape (slots, pairs)."""
        codes = self.frame[name].codes
        return self.once(("codes", name), lambda _pairs: (codes[:, self.left], codes[:, self.right]))

    def both(self, name):
        """Whether both records have a text in this column."""
        return self.once(("both", name), lambda _pairs: np.logical_and(*self._has(name)))

    def one(self, name):
        """Whether just one of the two has a text in this column."""
        return np.logical_xor(*self._has(name))

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
        return self.flag(name, f"is {texts}", lambda text: text in texts)

    def flag(self, name, question, function):
        """Whether `function(text)`, which answers the question so called, holds for a text of either record."""
        return np.logical_or(*self._answers(name, question, function))

    def flag_both(self, name, question, function):
        """Whether `function(text)` holds for a text of each of the two records."""
        return np.logical_and(*self._answers(name, question, function))

    def rarity(self, name):
        """-log of the share of records that hold the commoner of the two first texts."""
        rarity = self.frame.once(("rarity", name), lambda frame: self.rarity_of(frame.counts(name)))
        left, right = self.codes(name)
        return np.minimum(rarity[left[0]], rarity[right[0]])

    def rarity_of(self, counts):
        """-log of the share of records that hold a text, of arrays of counts, as float32; 0 for a count of 0."""
        rarity = np.zeros(len(counts), np.float32)
        held = np.flatnonzero(counts)
        rarity[held] = -np.log(counts[held] / self.frame.population)
        return rarity

    def alike(self, name, where=True, *, other=None, scorer=JaroWinkler.normalized_similarity, cutoff=None):
        """The similarity of their texts, 0 to 1, the best of several; 1 where equal, 0 where one has none.

        Only pairs of the mask `where` are compared. `other`: the column of the right record, where it is not the same.
        """
        column, second = self.frame[name], self.frame[other or name]
        best = np.zeros(len(self), np.float32)
        if not (column.values and second.values):
            return best
        for left, right in product(self.codes(name)[0], self.codes(other or name)[1]):
            todo = (left > NONE) & (right > NONE) & where
            if other is None:
                same = left == right
                np.copyto(best, np.float32(1), where=todo & same)
                todo &= ~same
            chosen = np.flatnonzero(todo)
            places, back = _distinct_pairs(left[chosen], right[chosen], len(second.texts))
            one, two = np.divmod(places, len(second.texts))
            scores = compare(column.texts[one], second.texts[two], scorer, cutoff)[back]
            best[chosen] = np.maximum(best[chosen], scores)
        return best

    def edits(self, name, where):
        """The fewest edits (a swap of neighbours is one) between their texts, 255 outside the mask `where`."""
        column = self.frame[name]
        edits = np.full(len(self), 255, np.uint8)
        for left, right in self._slots(name):
            chosen = np.flatnonzero((left > NONE) & (right > NONE) & where)
            found = process.cpdist(
                column.texts[left[chosen]], column.texts[right[chosen]], scorer=OSA.distance, dtype=np.uint8
            )
            edits[chosen] = np.minimum(edits[chosen], found)
        return edits

    def _answers(self, name, question, function):
        held = self.frame.once((name, question), lambda frame: frame[name].lookup(function))
        return [held[codes].any(0) for codes in self.codes(name)]

    def _slots(self, name):
        return product(*self.codes(name))

    def _has(self, name):
        if not self.frame[name].values:
            return [np.zeros(len(self), bool)] * 2
        return [(codes > NONE).any(0) for codes in self.codes(name)]

    def _shared(self, name):
        fewest = np.zeros(len(self), np.int64)
        if not self.frame[name].values:
            return fewest
        counts = self.frame.counts(name)
        for left, right in self._slots(name):
            chosen = np.flatnonzero((left == right) & (left > NONE))
            here, known = counts[left[chosen]], fewest[chosen]
            fewest[chosen] = np.where((known > 0) & (known < here), known, here)
        return fewest


def _distinct_pairs(left, right, many):
    """Return (each distinct pair of codes as left * many + right, for each pair the place of its own)."""
    return np.unique(left.astype(np.int64) * many + right, return_inverse=True)


def compare(left, right, scorer, cutoff=None):
    """The similarity of each left text with its right one, as float32."""
    return process.cpdist(left, right, scorer=scorer, score_cutoff=cutoff, dtype=np.float32)
