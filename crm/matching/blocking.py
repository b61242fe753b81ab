"""Candidates: records that share a blocking key are compared, all others are not.

A key is a hash of one or more columns. Blocks above a cap are left out, and reported: what so many share tells nobody
apart, and the pairs of one block grow with its square (Christen, Data Matching, 2012, chapter 4).
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from crm.matching.columns import text_hash

USUAL_CAP = 50
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Knuth's multiplicative hashing
_FOLD = np.uint64(29)
_INT_SPREAD, _BITS = int(_SPREAD), 2**64 - 1


@dataclass(frozen=True)
class BlockingKey:
    """Records that agree on all `columns` (one text of each) share a block, unless more than `cap` do."""

    name: str
    columns: tuple
    cap: int = USUAL_CAP

    def hashes(self, frame):
        """Return uint64 of shape (combinations of slots, n): the record's keys of this kind, 0 where it has none."""
        columns = [frame[name] for name in self.columns]
        slots = product(*(range(len(column.codes)) for column in columns))
        return np.stack([self._hash(columns, chosen) for chosen in slots])

    def hashes_of_one(self, frame):
        """Return the keys of the one record of a frame as a list of ints, those of `hashes` without the 0s."""
        found = [self._seed]
        for name in self.columns:
            column = frame[name]
            texts = [column.values[code] for code in column.codes[:, 0].tolist() if code >= 0]
            found = [_mixed(before, text_hash(text)) for before in found for text in texts]
        return found

    @cached_property
    def _seed(self):
        return text_hash(self.name)

    def _hash(self, columns, slots):
        mixed = np.uint64(self._seed)
        lacking = False
        for column, slot in zip(columns, slots, strict=True):
            hashes = column.hashes[column.codes[slot]]
            lacking = lacking | (hashes == 0)
            mixed = (mixed ^ hashes) * _SPREAD
            mixed = mixed ^ (mixed >> _FOLD)
        return np.where(lacking, np.uint64(0), mixed)


def _mixed(before, value):
    """One step of `BlockingKey._hash` on plain ints."""
    mixed = (before ^ value) * _INT_SPREAD & _BITS
    return mixed ^ mixed >> 29


@dataclass(frozen=True)
class LargeBlocks:
    """What a cap left out: how many blocks of one kind of key, and how many records stand in them."""

    key: str
    blocks: int
    records: int


def candidates(keys, frame):
    """Return (left, right, large blocks): int64 arrays of the places of each pair that shares a block, left < right."""
    found, large = [np.empty(0, np.int64)], []
    for key in keys:
        pairs, left_out = pairs_of(key.hashes(frame), key.cap)
        found.append(pairs)
        if left_out[0]:
            large.append(LargeBlocks(key.name, *left_out))
    packed = distinct(np.concatenate(found))
    return packed >> 32, packed & 0xFFFFFFFF, large


def pairs_of(hashes, cap):
    """Return (pairs as left << 32 | right, (blocks, records) left out) of uint64 hashes of shape (slots, n)."""
    size = hashes.shape[1]
    bits = max(1, (size - 1).bit_length())
    return pairs_among(entries_of(hashes, np.arange(size, dtype=np.uint64), bits), bits, cap)


def entries_of(hashes, records, bits):
    """Return the distinct entries of hashes of shape (slots, n), ascending: the hash above, its record in `bits` below.

    `records`: uint64, the number of each of the n. A hash keeps 64 less `bits` bits, so that it is sorted together with
    its record: with 10 million keys and as many records some five blocks are thrown together by chance.
    """
    below = np.uint64(bits)
    flat = hashes.ravel()
    return distinct((flat >> below << below | np.tile(records, len(hashes)))[flat != 0])


def pairs_among(entries, bits, cap):
    """Return (pairs as left << 32 | right, (blocks, records) left out) of distinct entries, ascending."""
    bits = np.uint64(bits)
    blocks = entries >> bits
    members = (entries & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    starts = np.flatnonzero(np.append(True, blocks[1:] != blocks[:-1])) if len(blocks) else np.empty(0, np.int64)
    sizes = np.diff(np.append(starts, len(blocks)))
    left_out = sizes[sizes > cap]
    return _all_pairs(members, starts, sizes, cap), (len(left_out), int(left_out.sum()))


def _all_pairs(members, starts, sizes, cap):
    found = [np.empty(0, np.int64)]
    for size in np.unique(sizes[(sizes > 1) & (sizes <= cap)]):
        block = members[starts[sizes == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(size, 1)
        found.append((block[:, left] << 32 | block[:, right]).ravel())  # members stand in the order of their places
    return np.concatenate(found)


def distinct(numbers):
    """Return the numbers in ascending order, each once."""
    numbers = np.sort(numbers)
    return numbers[np.append(True, numbers[1:] != numbers[:-1])] if len(numbers) else numbers
