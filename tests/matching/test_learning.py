"""Weights improved by answers: many move them to the truth, a few hardly, none not at all."""

from dataclasses import replace

import numpy as np
import pytest

from contacts.matching.people import PERSON
from crm.matching.comparing import Levels
from crm.matching.learning import learnt
from crm.matching.weighing import Weights, probability

POPULATION = 10_000
GIVEN, PHONE = (
    next(compared for compared in PERSON.comparisons if compared.name == name) for name in ("given", "phone")
)
MOBILE = 1 + PHONE.levels.index("mobile")


def answered(many, chance):
    """Return (levels, same) of pairs that people were asked about, who answer by the shipped weights."""
    levels = {
        compared.name: Levels(np.zeros(many, np.uint8), np.zeros(many, np.float32)) for compared in PERSON.comparisons
    }
    levels["phone"].codes[:] = np.where(chance.random(many) < 0.5, MOBILE, 0)
    levels["phone"].rarity[:] = np.where(levels["phone"].codes, 8.0, 0)
    levels["given"].codes[:] = chance.integers(1, len(GIVEN.levels) + 1, many)
    levels["family"].codes[:] = 1
    levels["family"].rarity[:] = chance.uniform(5, 9, many)
    odds = np.full(many, PERSON.weights.prior_of(POPULATION))
    for compared in PERSON.comparisons:
        odds = odds + PERSON.weights.of(compared, levels[compared.name])
    return levels, chance.random(many) < probability(odds)


def wrong(by):
    """Return the specification with a mobile in common weighed wrongly."""
    fields = {name: table.copy() for name, table in PERSON.weights.fields.items()}
    fields["phone"][MOBILE, 0] += by
    specification = replace(PERSON)
    specification.__dict__["weights"] = Weights(PERSON.weights.prior, fields)
    return specification


def weight_of_a_mobile(weights):
    base, slope = weights.fields["phone"][MOBILE]
    return base + slope * 8.0


@pytest.mark.parametrize("by", [-4.0, 4.0])
@pytest.mark.parametrize(("answers", "least", "most"), [(0, 0, 0), (3, -0.3, 0.3), (200, 0.5, 1.2)])
def test_answers_move_a_wrong_weight_to_the_truth_by_their_number(by, answers, least, most):
    specification = wrong(by)
    levels, same = answered(answers, np.random.default_rng(1))
    found = learnt(specification, levels, POPULATION, same)
    moved = (weight_of_a_mobile(found) - weight_of_a_mobile(specification.weights)) / -by
    assert least - 1e-6 <= moved <= most + 1e-6


def test_what_was_not_asked_about_stays():
    levels, same = answered(200, np.random.default_rng(2))
    found = learnt(PERSON, levels, POPULATION, same)
    for name in ("birth", "street", "workplace"):
        assert np.array_equal(found.fields[name], PERSON.weights.fields[name])
    assert found.prior == pytest.approx(PERSON.weights.prior, abs=0.5)
