"""Rows that are neither a record nor part of one are brought back by those alone whom their own rule lets."""

import pytest
from django.apps import apps

from crm import merging, sharing, undo
from crm.models import Share
from crm.records import Part, Record
from crm.undo.rules import rights_of
from tests.factories import contacts

pytestmark = pytest.mark.django_db


def test_every_such_table_has_a_rule():
    plain = [model for model in apps.get_models() if undo.is_journaled(model) and not issubclass(model, Record | Part)]
    assert plain
    assert [model for model in plain if rights_of(model) is None] == []


def test_a_share_comes_back_by_whoever_may_change_its_record(cast, undone):
    person = contacts.person(cast.owner)
    share = sharing.share(person, user=cast.other, by=cast.owner)
    with undo.recording("crm.tag", by=cast.administrator) as act:
        Share.objects.filter(pk=share.pk).delete()
    assert undone(act, cast.other).outcome["why"] == {"forbidden": 1}
    assert not Share.objects.filter(pk=share.pk).exists()


def test_the_door_follows_a_share_that_a_merge_took_along(cast):
    one, other = (contacts.person(cast.owner) for _number in range(2))
    with undo.recording("crm.tag", by=cast.owner) as act:
        sharing.share(other, user=cast.other, by=cast.owner)
    merging.merge(type(one), [one.pk, other.pk], survivor=one.pk, by=cast.owner)
    assert type(one).objects.visible_to(cast.other).filter(pk=one.pk).exists()
    undo.undo(act, by=cast.owner)
    assert not type(one).objects.visible_to(cast.other).filter(pk=one.pk).exists()


def test_the_door_follows_a_share_that_comes_back(cast, undone):
    person = contacts.person(cast.owner)
    sharing.share(person, user=cast.other, by=cast.owner)
    with undo.recording("crm.tag", by=cast.owner) as act:
        sharing.end(person, Share.objects.get(record_id=person.pk).pk, by=cast.owner)
    assert not type(person).objects.visible_to(cast.other).filter(pk=person.pk).exists()
    assert undone(act, cast.owner).state == "undone"
    assert type(person).objects.visible_to(cast.other).filter(pk=person.pk).exists()
