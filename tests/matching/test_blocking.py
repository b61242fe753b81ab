"""Candidates: all pairs of a block, none of a block that is too large, and the large ones are told."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm.matching.blocking import BlockingKey, LargeBlocks, candidates
from crm.matching.columns import Column, Frame

TEXTS = st.lists(st.sampled_from(["", "a", "b", "c", "ä", "日本"]), min_size=1, max_size=30)


def pairs(keys, **columns):
    frame = Frame({name: Column.of(*slots) for name, slots in columns.items()}, {})
    left, right, large = candidates(keys, frame)
    return set(zip(left.tolist(), right.tolist(), strict=True)), large


@given(TEXTS, st.integers(2, 6))
def test_those_who_share_a_key_are_a_pair_unless_too_many_do(texts, cap):
    found, large = pairs([BlockingKey("name", ("name",), cap)], name=[texts])
    blocks = {text: [place for place, other in enumerate(texts) if other == text] for text in set(texts) - {""}}
    small = [block for block in blocks.values() if len(block) <= cap]
    too_large = [block for block in blocks.values() if len(block) > cap]
    assert found == {pair for block in small for pair in combinations(block, 2)}
    assert large == ([LargeBlocks("name", len(too_large), sum(map(len, too_large)))] if too_large else [])


def test_texts_of_any_slot_meet_and_nobody_is_paired_with_himself():
    found, _large = pairs([BlockingKey("number", ("number",))], number=[["1", "2", "", "5"], ["1", "1", "2", ""]])
    assert found == {(0, 1), (1, 2)}


def test_a_key_of_two_columns_needs_both():
    keys = [BlockingKey("both", ("name", "city"))]
    found, _large = pairs(keys, name=[["a", "a", "a", ""]], city=[["x", "x", "", "x"]])
    assert found == {(0, 1)}


def test_a_key_is_the_same_in_every_frame():
    key = BlockingKey("name", ("name",))
    one = key.hashes(Frame({"name": Column.of(["b", "a"])}, {}))[0]
    other = key.hashes(Frame({"name": Column.of(["c", "a", "b"])}, {}))[0]
    assert one[0] == other[2]
    assert one[1] == other[1]
    assert len({*one.tolist(), *other.tolist()}) == 3


def test_nothing_to_compare_gives_no_pairs():
    found, large = pairs([BlockingKey("name", ("name",))], name=[["", ""]])
    assert (found, large) == (set(), [])
    assert np.array_equal(Column.of([""]).counts, [0])
