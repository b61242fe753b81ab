"""Merging the certain ones: what is offered, and what is left and why."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from contacts.models import Person
from crm import duplicates, jobs, merging
from crm.duplicates import Suggestion
from crm.merging.relations import every
from crm.models import FieldRight
from quality import certain
from quality.models import BulkMerge
from tests.factories import quality
from tests.quality.bands import URL, asked, merged_into, outcomes, page

pytestmark = pytest.mark.django_db


def test_the_preview_says_who_stays_and_what_they_will_have(boss, signed):
    quality.switched_on(boss)
    first, second = quality.twins(boss, job_title="")
    every(Person).filter(pk=second.pk).update(job_title="Geologist")
    quality.found()
    client = signed(boss)
    content = page(client)
    assert "Merge 1" in content
    assert first.get_absolute_url() in content
    assert re.search(r"Job title</span> Geologist <small[^>]*>The only one known", content)
    assert 'href="/quality/certain/"' in client.get("/quality/duplicates/").content.decode()


def test_nothing_is_listed_while_it_is_off(boss, signed):
    quality.twins(boss)
    quality.found()
    content = page(signed(boss))
    assert "Would be merged now" not in content
    answer = signed(boss).post(f"{URL}merge/", {"kind": "person", "seen": "1.1-2.1"})
    assert (answer.status_code, BulkMerge.objects.count()) == (409, 0)


def left(people, user):
    return dict(certain.listed(people, user).left)


def test_a_cluster_is_left_where_somebody_said_otherwise(boss, people):
    one, other, third = quality.twins(boss, number=3)
    quality.found()
    pair = Suggestion.objects.get(left=one.pk, right=third.pk)
    duplicates.answer(pair, "not_same", by=boss)
    assert certain.listed(people, boss).ready == []
    assert sum(left(people, boss).values()) == 1


def test_a_cluster_that_was_put_off_is_left(boss, people):
    quality.twins(boss, number=3)
    quality.found()
    pair = Suggestion.objects.order_by("pk").first()
    duplicates.answer(pair, "later", by=boss)
    assert left(people, boss) == {"later": 1}
    Suggestion.objects.filter(pk=pair.pk).update(answered_at=timezone.now() - timedelta(days=15))
    assert len(certain.listed(people, boss).ready) == 1


def test_a_cluster_that_is_not_certain_as_a_whole_is_left(boss, people):
    quality.twins(boss, number=3)
    quality.found()
    weakest = Suggestion.objects.order_by("weight", "pk").first()
    Suggestion.objects.filter(pk=weakest.pk).update(weight=3.0)
    assert left(people, boss) == {"unsure": 1}


def test_junior_and_senior_are_left(boss, people):
    quality.twins(boss, suffix="Jr")
    quality.twins(boss, number=1, suffix="Sr")
    quality.found()
    listed = certain.listed(people, boss)
    assert all(len(one.ids) == 2 for one in listed.ready), "the two juniors at most"


def born_apart(user):
    """Two who are certain but for their birthdays."""
    first, second = quality.twins(user)
    every(Person).filter(pk=first.pk).update(born_on=date(1980, 1, 1))
    every(Person).filter(pk=second.pk).update(born_on=date(1980, 1, 2))
    quality.found()
    Suggestion.objects.update(weight=9.0)


def test_birthdays_that_differ_are_left(boss, people):
    born_apart(boss)
    assert left(people, boss) == {"odds": 1}


def test_what_was_taken_apart_before_is_left(boss, people):
    first, second = quality.twins(boss)
    quality.found()
    merging.unmerge(merging.merge(Person, [first.pk, second.pk], unseen=True, by=boss), by=boss)
    assert left(people, boss) == {"parted": 1}


def test_more_than_one_merge_takes_are_left(boss, people):
    quality.twins(boss, number=11)
    quality.found()
    assert set(left(people, boss)) <= {"many", "unsure"}
    assert certain.listed(people, boss).ready == []


def test_what_is_in_the_trash_is_left(boss, people):
    first, second = quality.twins(boss)
    quality.found()
    second.trash(by=boss)
    assert certain.listed(people, boss).ready == []


def test_what_one_may_not_change_is_neither_merged_nor_counted(rep, keeper, signed, people):
    quality.switched_on(keeper)
    mine = quality.twins(keeper, "Okonkwo")
    theirs = quality.twins(rep, "Halvorsen")
    ours = quality.twins(keeper, "Tanaka", other=rep)
    mixed = quality.twins(keeper, "Fitzgerald", number=2) + quality.twins(rep, "Fitzgerald", number=1)
    quality.found()
    listed = certain.listed(people, keeper)
    assert [one.ids for one in listed.ready] == [tuple(one.pk for one in mine)]
    assert dict(listed.left) == {"unsure": 1}, "two of three are theirs; of the others nothing is told"
    run = asked(signed(keeper))
    assert jobs.work_off()
    assert outcomes(run) == {tuple(one.pk for one in mine): ("merged", "")}
    assert not any(merged_into(*theirs, *ours, *mixed))


def test_a_hidden_birthday_counts_for_nothing(boss, people):
    born_apart(boss)
    FieldRight.objects.create(role=boss.role, kind="contacts.person", field="born_on", right="hidden")
    reader = type(boss).objects.get(pk=boss.pk)
    assert left(people, reader) == {}
