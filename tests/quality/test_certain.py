"""Merging the certain ones: whether it may be on."""

import pytest

from contacts.models import Person
from crm import duplicates, merging
from crm.duplicates import Suggestion
from crm.duplicates import certain as band
from quality import certain
from quality.models import BulkMerge, CertainRule
from tests.factories import crm, quality
from tests.quality.bands import URL, merged_into, page

pytestmark = pytest.mark.django_db


def test_it_is_off_and_says_what_it_takes(boss, signed):
    content = page(signed(boss))
    assert "It stays off: nobody has answered a certain pair here yet." in content
    assert "It takes 73 answered pairs that all were the same" in content
    assert "Switch on" not in content
    answer = signed(boss).post(f"{URL}switch/", {"kind": "person", "on": "yes"})
    assert (answer.status_code, "It stays off" in answer.content.decode()) == (422, True)
    assert not CertainRule.objects.filter(is_on=True).exists()


@pytest.mark.parametrize(
    ("same", "not_same", "knows", "status"),
    [
        (72, 0, "yes", 422),  # at least 94.9 %
        (73, 0, "", 422),
        (73, 0, "yes", 302),
        (142, 1, "", 422),
        (142, 1, "yes", 302),  # at least 96.1 %
        (142, 5, "yes", 422),
        (381, 0, "", 302),
    ],
)
def test_answers_decide_whether_it_may_be_on(boss, signed, same, not_same, knows, status):
    quality.answers(boss, same=same, not_same=not_same)
    answer = signed(boss).post(f"{URL}switch/", {"kind": "person", "on": "yes", "knows": knows})
    assert answer.status_code == status
    rule = CertainRule.objects.filter(is_on=True).first()
    assert bool(rule) is (status == 302)
    if rule:
        assert (rule.by, rule.answers, rule.same) == (boss, same + not_same, same)


def test_the_figures_stand_before_the_switch(boss, signed):
    quality.answers(boss, same=142, not_same=1)
    content = page(signed(boss))
    assert "142 of 143" in content
    assert "answered pairs were the same: at least 96.1%, with 95% confidence" in content
    assert "python -m bench.matching.certain" in content
    assert "up to one merge in 25 may be wrong" in content


def test_only_answers_to_what_was_certain_then_count(boss, people):
    quality.answers(boss, same=3, weight=2.0)
    [later] = quality.answers(boss, not_same=1)
    Suggestion.objects.filter(pk=later.pk).update(weight=1.0)  # the weights have learnt from the answer since
    [before] = quality.answers(boss, same=1, weight=2.0)
    Suggestion.objects.filter(pk=before.pk).update(weight=9.0)
    assert band.answers(people) == band.Answers(1, 0)


def test_an_answer_and_a_merge_by_hand_count_by_what_the_pair_weighed(boss, people):
    first, second = quality.twins(boss, "Okonkwo")
    third, fourth = quality.twins(boss, "Halvorsen")
    quality.found()
    duplicates.answer(Suggestion.objects.get(left=first.pk, right=second.pk), "not_same", by=boss)
    merging.merge(Person, [third.pk, fourth.pk], by=boss)
    kept = Suggestion.objects.answered().values_list("weight", "answered_weight")
    assert [then for _now, then in kept] == [now for now, _then in kept]
    assert band.answers(people) == band.Answers(2, 1)


def test_what_a_rule_keeps_apart_is_not_asked_about(boss, people):
    [pair] = quality.answers(boss, not_same=1)
    places = [one.name for one in people.specification.comparisons]
    levels = bytearray(len(places))
    generation = next(one for one in people.specification.comparisons if one.name == "generation")
    levels[places.index("generation")] = 1 + generation.levels.index("other")
    Suggestion.objects.filter(pk=pair.pk).update(levels=bytes(levels))
    assert band.answers(people).number == 0


def test_switching_is_on_record(boss, signed):
    quality.answers(boss, same=400)
    client = signed(boss)
    client.post(f"{URL}switch/", {"kind": "person", "on": "yes", "nightly": "yes"})
    client.post(f"{URL}switch/", {"kind": "person", "on": "no"})
    content = client.get("/history/?kind=quality.certainrule").content.decode()
    assert content.count("Merging the certain ones of people") >= 2
    assert "Switched on a page" in content
    rule = CertainRule.objects.get()
    assert (rule.is_on, rule.is_nightly) == (False, False)


@pytest.mark.parametrize("role", ["manager", "rep", "marketer", "agent", "auditor"])
def test_it_is_for_those_who_administer(boss, signed, role):
    quality.switched_on(boss)
    first, second = quality.twins(boss)
    quality.found()
    seen = certain.listed(duplicates.kind_of(Person), boss).seen
    client = signed(crm.user("Other", role=role))
    assert client.get(URL).status_code == 404
    for path, sent in (("switch/", {"on": "no"}), ("merge/", {"seen": seen})):
        assert client.post(f"{URL}{path}", {"kind": "person", **sent}).status_code == 404
    assert "/quality/certain/" not in client.get("/quality/duplicates/").content.decode()
    assert not BulkMerge.objects.exists()
    assert merged_into(first, second) == [None, None]
    assert CertainRule.objects.get().is_on
