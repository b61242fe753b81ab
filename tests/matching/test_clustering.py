"""Clusters: one bad link does not chain strangers together, and what is vetoed is never one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm.matching.clustering import clusters


def groups(size, *links, veto=()):
    left, right, weight = (
        (np.array(column) for column in zip(*links, strict=True)) if links else (np.empty(0, int),) * 3
    )
    vetoed = np.array([(one, two) in veto for one, two, _weight in links], bool)
    labels = clusters(size, left, right, weight, vetoed)
    return sorted(sorted(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist()))


def test_likely_pairs_are_one_and_unlikely_ones_two():
    assert groups(4, (0, 1, 3.0), (2, 3, -1.0)) == [[0, 1], [2], [3]]


def test_one_bad_link_does_not_join_two_families():
    family = [(0, 1, 8.0), (0, 2, 8.0), (1, 2, 8.0), (3, 4, 8.0), (3, 5, 8.0), (4, 5, 8.0)]
    assert groups(6, *family, (2, 3, 2.0)) == [[0, 1, 2], [3, 4, 5]]


def test_a_chain_is_cut_where_its_ends_are_strangers():
    chain = [(place, place + 1, 1.5) for place in range(9)]
    assert max(map(len, groups(10, *chain))) <= 3


def test_a_pair_that_no_key_brought_together_is_joined_by_strong_friends():
    assert groups(3, (0, 1, 9.0), (1, 2, 9.0)) == [[0, 1, 2]]


def test_what_is_vetoed_stays_apart_whatever_else_speaks_for_it():
    links = [(0, 1, 20.0), (1, 2, 20.0), (0, 2, 20.0)]
    found = groups(3, *links, veto={(0, 2)})
    assert not any({0, 2} <= set(group) for group in found)
    assert len(found) == 2


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(-5, 9)), max_size=25), st.randoms())
def test_the_order_of_the_pairs_does_not_matter(links, chance):
    links = list({(min(one, two), max(one, two)): (min(one, two), max(one, two), value + one / 10 + two / 100)
                  for one, two, value in links if one != two}.values())  # fmt: skip
    shuffled = links[:]
    chance.shuffle(shuffled)
    assert groups(8, *links) == groups(8, *shuffled)


def test_no_records_give_no_clusters():
    assert groups(0) == []
