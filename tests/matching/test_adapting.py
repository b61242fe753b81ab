"""Weights adapted without labels: nearer to the base at hand, never far from the shipped ones."""

import numpy as np
import pytest

from crm.matching.adapting import MOST, adapted, shares_of
from crm.matching.comparing import Comparison, Levels
from crm.matching.weighing import Weights

BIRTH = Comparison("birth", ("same", "near", "other"), None)
SHARES = {"same": 0.9, "near": 0.05, "other": 0.05}
TABLES = {"birth": {"same": (5, 0), "near": (3, 0), "other": (-3, 0)}}


def given(shares=SHARES):
    return Weights.of_tables(4, TABLES, [BIRTH], {"birth": shares} if shares else None)


def moved(codes, weight=10.0, shares=SHARES):
    """What the weights of a base are whose pairs have these levels and weights."""
    levels = {"birth": Levels(np.array(codes, np.uint8), np.zeros(len(codes), np.float32))}
    found = adapted(given(shares), [BIRTH], np.full(len(codes), weight, np.float32), levels)
    return found.fields["birth"][1:, 0] - np.array([5, 3, -3])


def test_where_more_pairs_disagree_it_speaks_less_against_them():
    same, near, other = moved([1] * 6000 + [2] * 500 + [3] * 3500)
    assert other == pytest.approx(0.2 * np.log(0.35 / 0.05), abs=0.02)
    assert same == pytest.approx(0.2 * np.log(0.6 / 0.9), abs=0.02)
    assert near == pytest.approx(0, abs=0.02)


def test_a_base_like_the_labelled_ones_and_one_with_few_pairs_change_nothing():
    assert moved([1] * 900 + [2] * 50 + [3] * 50) == pytest.approx([0, 0, 0], abs=1e-5)
    assert moved([3, 3]) == pytest.approx([0, 0, 0], abs=0.05)
    assert moved([]) == pytest.approx([0, 0, 0], abs=1e-5)


def test_pairs_that_are_hardly_the_same_do_not_count():
    assert moved([3] * 5000, weight=-2.0) == pytest.approx([0, 0, 0], abs=1e-5)


def test_no_weight_goes_far():
    assert np.abs(moved([3] * 100_000)).max() == pytest.approx(MOST, abs=1e-5)


def test_without_shares_the_weights_stay():
    assert moved([3] * 5000, shares=None) == pytest.approx([0, 0, 0], abs=1e-6)
    assert moved([2] * 5000, shares={"same": 1.0})[1] == 0  # of this level nothing is known


def test_shares_are_of_the_pairs_that_have_the_field():
    levels = {"birth": Levels(np.array([0, 0, 1, 1, 1, 3], np.uint8), np.zeros(6, np.float32))}
    assert shares_of([BIRTH], levels)["birth"] == pytest.approx([0.75, 0, 0.25])
