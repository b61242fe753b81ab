"""Columns of many records in which each distinct value stands once: what matching computes on."""

from collections import defaultdict
from functools import cached_property
from itertools import count
from operator import itemgetter

import numpy as np
import xxhash

NONE = -1
SMALLEST_POPULATION = 1000  # in a short list a name is not common because it stands there once


class Column:
    """The texts of n records, each record with up to `slots` of them (two phones, three e-mail addresses).

    `values`: the distinct texts, "" not among them. `codes`: int32 of shape (slots, n), the place of each record's
    text in `values`, -1 where it has none.
    """

    def __init__(self, values, codes):
        self.values = values
        self.codes = codes

    @classmethod
    def of(cls, *slots):
        """Return the column of lists of n texts, one list a slot."""
        places = Places()
        codes = np.stack([places.of(texts) for texts in slots])
        return cls(places.texts, codes)

    def map(self, function):
        """Return the column of `function(value)`; it is asked once for each distinct value."""
        return self._replaced(list(map(function, self.values)))

    def split(self, function, parts):
        """Return `parts` columns of what `function(value)` gives as a tuple of as many texts."""
        results = list(map(function, self.values))
        return [self._replaced(list(map(itemgetter(part), results))) for part in range(parts)]

    def joined(self, other, between=" "):
        """Return the column of the texts of both, slot by slot, where both have one."""
        left, right = self.codes.astype(np.int64), other.codes
        both = np.where((left >= 0) & (right >= 0), left << 32 | right, NONE)
        distinct, codes = np.unique(both, return_inverse=True)
        lacking = int(len(distinct) > 0 and distinct[0] == NONE)
        found = distinct[lacking:].tolist()
        values = [f"{self.values[pair >> 32]}{between}{other.values[pair & 0xFFFFFFFF]}" for pair in found]
        return Column(values, codes.reshape(left.shape).astype(np.int32) - lacking)

    def or_else(self, other):
        """Return the column of these texts and, in slots without one, of the other's."""
        places = Places()
        own, others = (np.append(places.of(column.values), np.int32(NONE)) for column in (self, other))
        return Column(places.texts, np.where(self.codes >= 0, own[self.codes], others[other.codes]))

    def where(self, mask):
        """Return the column without the texts outside the mask."""
        return Column(self.values, np.where(mask, self.codes, np.int32(NONE)))

    def slots(self, first, last):
        """Return the column of some of the slots, over the same values."""
        return Column(self.values, self.codes[first:last])

    def _replaced(self, texts):
        places = Places()
        new = np.append(places.of(texts), np.int32(NONE))
        return Column(places.texts, new[self.codes])

    @property
    def size(self):
        """The number of records."""
        return self.codes.shape[1]

    @cached_property
    def texts(self):
        """The values as an array that codes can index: the last, for -1, is ""."""
        return np.array([*self.values, ""], object)

    @cached_property
    def counts(self):
        """How often each value occurs; the last, for -1, is 0."""
        counts = np.bincount(self.codes.ravel() + 1, minlength=len(self.values) + 1)
        return np.append(counts[1:], 0)

    @cached_property
    def hashes(self):
        """A hash of 64 bits for each value, the same in every process and for ever; the last, for -1, is 0."""
        return np.array([*map(text_hash, self.values), 0], np.uint64)

    def lookup(self, function):
        """Return an array of `function(value)`, which codes can index; its last entry, for -1, is `function("")`."""
        return np.array([*map(function, self.values), function("")])


def text_hash(text):
    """Return the hash of 64 bits by which a text is known in blocking keys (XXH3)."""
    return xxhash.xxh3_64_intdigest(text.encode())


class Places(defaultdict):
    """{"": NONE, first text: 0, second: 1, ...}: a text is numbered when it is first looked up."""

    def __init__(self):
        super().__init__(count(NONE).__next__)
        self[""]

    def of(self, texts):
        return np.fromiter(map(self.__getitem__, texts), np.int32, len(texts))

    @property
    def texts(self):
        return list(self)[1:]


class Frame:
    """The standardised columns of n records, under their names; further ones are derived when first asked for.

    `derivations`: {name: (the column it comes from, or two that are joined by "|"; a function of one value)}.
    `population`: the number of records that counts are out of.
    """

    def __init__(self, columns, derivations):
        self.columns = dict(columns)
        self.derivations = derivations
        self.size = next(iter(self.columns.values())).size
        self.population = max(self.size, SMALLEST_POPULATION)
        self.known_counts = {}
        self._known = {}

    def once(self, name, function):
        """Return `function(self)`, computed once under this name: what is asked of every slice of pairs."""
        if name not in self._known:
            self._known[name] = function(self)
        return self._known[name]

    def __getitem__(self, name):
        if name not in self.columns:
            source, function = self.derivations[name]
            column = self[source] if isinstance(source, str) else self[source[0]].joined(self[source[1]], "|")
            self.columns[name] = column.map(function)
        return self.columns[name]

    def counts(self, name):
        """Return how many records hold each value of a column; the last, for -1, is 0."""
        return self.known_counts[name] if name in self.known_counts else self[name].counts

    def stands_for(self, population, counts):
        """Let this frame be a part of many more records: `counts`: {column: how many of them hold each value}."""
        self.population = max(population, SMALLEST_POPULATION)
        self.known_counts = counts
        self._known.clear()
