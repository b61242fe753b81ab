"""How right the certain band is: the bound on what was answered, and what was measured before."""

import numpy as np
import pytest

from bench.matching.certain import Matched
from contacts.matching.companies import COMPANY
from contacts.matching.people import PERSON
from crm.matching.certain import Measured, least_answers, lower_bound, odds_of
from crm.matching.weighing import probability


@pytest.mark.parametrize(
    ("right", "of", "bound"),
    [
        (0, 0, 0.0),
        (0, 10, 0.0),
        (10, 10, 0.72247),  # n / (n + z²)
        (142, 143, 0.96144),
        (81, 263, 0.2553),  # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: .2553 to .3662
        (15, 148, 0.0624),  # the same: .0624 to .1605
    ],
)
def test_the_lower_bound_is_wilsons(right, of, bound):
    assert lower_bound(right, of) == pytest.approx(bound, abs=5e-5)


def test_how_many_answers_it_takes_when_all_were_the_same():
    assert (least_answers(0.95), least_answers(0.99)) == (73, 381)


@pytest.mark.parametrize("specification", [PERSON, COMPANY], ids=["person", "company"])
def test_what_was_measured_is_of_the_band_in_use(specification):
    measured = Measured.read(specification.certain_file)
    assert measured.probability == specification.certain
    assert measured.probability == pytest.approx(float(probability(specification.certain_weight)))
    assert measured.command == "python -m bench.matching.certain"
    assert all(0 <= one.right <= min(one.pairs, one.true_pairs) for one in measured.sets)
    assert measured.right == sum(one.right for one in measured.sets if one.is_clean)


def test_the_band_holds_whole_clusters_alone():
    """0, 1 are certain; 2, 3, 4 hang together by two certain pairs and a likely one; 5, 6 are kept apart by a rule."""
    left, right = np.array([0, 2, 3, 2, 5]), np.array([1, 3, 4, 4, 6])
    odds, veto = np.array([9.0, 9, 9, 3, 9]), np.array([False, False, False, False, True])
    labels = np.array([0, 0, 1, 1, 1, 2, 3])
    one = Matched("test", np.array([0, 0, 1, 1, 1, 2, 2]), labels, left, right, odds, veto)
    assert one.in_band(odds_of(0.999)).tolist() == [True, False, False, False, False]
    assert one.in_band(2.0).tolist() == [True, True, True, True, False]
