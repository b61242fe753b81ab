"""Talks and finished tasks on the timelines of people and companies."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import F

from contacts.models import Company, Person
from crm import timeline
from interactions.models import Interaction, Participation, Task


@dataclass
class Talk:
    """A talk as one reader may see it: the others who took part are named only if the reader sees them."""

    interaction: Interaction
    others: list = field(default_factory=list)
    may_edit: bool = False


def _talk_keys(record, reader):
    if not isinstance(record, Person | Company):
        return None
    return Participation.objects.on(record, reader).annotate(moment=F("at"), key=F("interaction_id"))


def _talks(keys, record, reader):
    rows = Interaction.objects.unscoped(because="these keys were read for the reader")
    talks = {row.pk: Talk(row) for row in rows.filter(pk__in=keys).select_related("owner")}
    parts = Participation.objects.of(*(talk.interaction for talk in talks.values())).exclude(person=None)
    people = defaultdict(list)
    for interaction_id, person_id in parts.values_list("interaction", "person"):
        if not (isinstance(record, Person) and person_id == record.pk):
            people[person_id].append(interaction_id)
    names = ("given_name", "family_name")
    for person in Person.objects.visible_to(reader).filter(pk__in=people).only(*names) if people else []:
        for interaction_id in people[person.pk]:
            talks[interaction_id].others.append(person)
    scope = reader.access.scope(Interaction.record_kind(), "edit")
    for talk in talks.values():
        talk.may_edit = (
            scope == "all"
            or talk.interaction.owner_id == reader.pk
            or (scope == "team" and talk.interaction.team_id in reader.access.team_ids)
        )
    return talks


def _done_keys(record, reader):
    if not isinstance(record, Person | Company):
        return None
    done = Task.objects.about(record, reader).exclude(done_at=None)
    return done.annotate(moment=F("done_at"), key=F("pk"))


def _done(keys, record, reader):
    rows = Task.objects.unscoped(because="these keys were read for the reader").filter(pk__in=keys)
    return rows.select_related("done_by").in_bulk()


timeline.register(timeline.Source("talks", _talk_keys, _talks, "interactions/_talk.html"))
timeline.register(timeline.Source("tasks", _done_keys, _done, "interactions/_done.html"))
