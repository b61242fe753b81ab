"""Weights learnt from answers: taken into use by the full run, the same for increments, entry and evidence."""

import pytest

from contacts.models import Person
from crm import duplicates, history
from crm.duplicates import MatchCount, Suggestion, learning
from crm.duplicates.rows import MatchWeights
from crm.events import delivering
from tests.matching.conftest import person, state

pytestmark = pytest.mark.django_db
PAIRS = 14
ANSWERS = (Suggestion.State.NOT_SAME, Suggestion.State.SAME)


@pytest.fixture
def answered(rep):
    """Pairs who share name and city and no more; somebody said of half of them that they are the same. One is open."""
    people = []
    for number in range(PAIRS):
        name = f"Given{number:02} Family{number:02}"
        people += [person(rep, name, city="Oslo", email=f"{end}{number}@gmail.com") for end in ("one", "two")]
    duplicates.match_all(Person)
    rows = list(Suggestion.objects.order_by("left")[:PAIRS])
    assert len(rows) == PAIRS
    for place, row in enumerate(rows[1:]):
        duplicates.answer(row, ANSWERS[place % 2], by=rep)
    return people


def first():
    return Suggestion.objects.order_by("left").first()


def test_what_people_say_moves_the_weights_and_all_four_users_go_by_them(answered, rep):
    before = first().weight
    found = duplicates.likely(Person, typed(answered[0]), rep)[0].weight
    duplicates.match_all(Person)
    assert first().weight < before - 0.1
    assert duplicates.likely(Person, typed(answered[0]), rep)[0].weight < found - 0.1
    full = state()
    with history.acting(rep, reason="test"):
        answered[0].save()
    delivering.deliver()
    assert state() == full
    told = duplicates.told(first())
    assert told.prior + sum(line.weight for line in told.lines) == pytest.approx(first().weight, abs=0.02)
    assert told.population == pytest.approx(1000, abs=2)  # the smallest there is


def typed(record):
    return {"given_name": [record.given_name], "family_name": [record.family_name], "city": ["Oslo"]}


def in_use():
    return MatchWeights.objects.get(pk=MatchCount.objects.get(kind=1, column=learning.VERSION).count)


def test_the_same_answers_give_the_same_weights(answered):
    before = in_use()
    duplicates.match_all(Person)
    version = in_use()
    assert (before.answers, version.answers) == (0, PAIRS - 1)
    weights = [row.weight for row in Suggestion.objects.order_by("left")]
    duplicates.match_all(Person)
    assert in_use() == version
    assert MatchWeights.objects.count() == 2
    assert [row.weight for row in Suggestion.objects.order_by("left")] == weights


def test_few_answers_and_those_to_other_comparisons_teach_nothing(answered):
    before = in_use()
    Suggestion.objects.filter(pk__in=[row.pk for row in Suggestion.objects.answered()[4:]]).update(levels=b"\x01")
    duplicates.match_all(Person)
    assert in_use().answers == 0
    assert in_use().weights == before.weights


def test_weights_of_other_comparisons_are_not_used(answered):
    duplicates.match_all(Person)
    assert duplicates.in_use(duplicates.numbered(1)) is not duplicates.numbered(1).specification
    MatchWeights.objects.update(specification=1)
    learning._weighing.cache_clear()
    assert duplicates.in_use(duplicates.numbered(1)) is duplicates.numbered(1).specification


def test_a_pair_that_is_asked_about_again_after_its_answer_is_taken_back_teaches_no_more(answered, rep):
    duplicates.match_all(Person)
    rows = list(Suggestion.objects.answered())
    duplicates.take_back(duplicates.numbered(1), [row.pk for row in rows])
    duplicates.match_all(Person)
    assert in_use().answers == 0
