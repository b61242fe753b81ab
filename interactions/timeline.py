"""Talks and finished tasks on the timelines of people and companies."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from contacts.models import Company, Person
from crm import timeline
from interactions.models import Interaction, Participation, Task


@dataclass
class Talk:
    """A talk as one reader may see it: the others who took part are named only if the reader sees them."""

    interaction: Interaction
    others: list = field(default_factory=list)
    may_edit: bool = False


def _may_read(model, record, reader):
    return isinstance(record, Person | Company) and reader.access.may(model.record_kind(), "view")


def _talk_keys(record, reader):
    if not _may_read(Interaction, record, reader):
        return None
    return Participation.objects.on(record, reader).annotate(moment=F("at"), key=F("interaction_id"))


def _talks(keys, record, reader):
    rows = Interaction.objects.unscoped(because="these keys were read for the reader").filter(pk__in=keys)
    rows = rows.select_related("owner").annotate(others=ArraySubquery(_others(record, reader)))
    talks = {row.pk: Talk(row, [Person(**person) for person in row.others]) for row in rows}
    scope = reader.access.scope(Interaction.record_kind(), "edit")
    for talk in talks.values():
        talk.may_edit = (
            scope == "all"
            or talk.interaction.owner_id == reader.pk
            or (scope == "team" and talk.interaction.team_id in reader.access.team_ids)
        )
    return talks


def _others(record, reader):
    """Return whom the reader sees of those who took part in a talk beside the record: {id, given_name, family_name}."""
    people = Person.objects.visible_to(reader).filter(participations__interaction=OuterRef("pk"))
    if isinstance(record, Person):
        people = people.exclude(pk=record.pk)
    names = JSONObject(id="pk", given_name="given_name", family_name="family_name")
    return people.order_by("sort_name", "pk").values(person=names)


def _done_keys(record, reader):
    if not _may_read(Task, record, reader):
        return None
    done = Task.objects.about(record, reader).exclude(done_at=None)
    return done.annotate(moment=F("done_at"), key=F("pk"))


def _done(keys, record, reader):
    rows = Task.objects.unscoped(because="these keys were read for the reader").filter(pk__in=keys)
    return rows.select_related("done_by").in_bulk()


timeline.register(timeline.Source("talks", _talk_keys, _talks, "interactions/_talk.html"))
timeline.register(timeline.Source("tasks", _done_keys, _done, "interactions/_done.html"))
