"""What was merged into what, as a reader may know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from crm.merging.joining import KIND
from crm.merging.parting import merges_of, model_of
from crm.merging.relations import every
from crm.undo.rows import Act

PAGE = 50  # merges
MOST_STEPS = 10  # of merges into what was merged itself


@dataclass(frozen=True)
class Told:
    """A merge: its act, the names of the records that are one now, and the record they are, None if it is not seen."""

    act: Act
    names: tuple[str, ...]
    record: Any = None


def is_survivor(model):
    """Return the condition over records "something was merged into it"."""
    return Exists(every(model).filter(merged_into=OuterRef("pk")))


def merged_into(record, user):
    """Return [Told] of the merges that stand and made a record what it is, the last first; for who may take them apart.

    `record` came through the door. Merges of records that the user may not change are left out.
    """
    model, found, edge = type(record), {}, [record.pk]
    for _step in range(MOST_STEPS):
        edge = list(every(model).filter(merged_into__in=edge).values_list("pk", flat=True))
        if not edge:
            break
        found |= merges_of(model, edge)
    acts = {act.pk: act for act in found.values()}
    return _told(sorted(acts.values(), key=lambda act: -act.pk), user) if acts else []


def merges(user, models, *, before=None):
    """Return a page of [Told], the newest first, and the id that leads on to older ones, None at the end.

    Those that stand, of records of these kinds that the user may change.
    """
    into = Cast(KT("facts__record"), BigIntegerField())
    acts = Act.objects.filter(kind=KIND, state=Act.State.DONE).annotate(into=into)
    mine = Q(pk__in=[])
    for model in models:
        opened = model.objects.changeable_by(user, "edit").values("pk")
        mine |= Q(facts__kind=model._meta.label_lower, into__in=opened)
    acts = acts.filter(mine, **({"pk__lt": before} if before else {}))
    page = list(acts.select_related("by").order_by("-pk")[: PAGE + 1])
    return _told(page[:PAGE], user), page[PAGE - 1].pk if len(page) > PAGE else None


def _told(acts, user):
    """Name the records of some merges: of those all of whose records the user may change."""
    wanted: dict[Any, set] = {}
    for act in acts:
        wanted.setdefault(model_of(act), set()).update([act.facts["record"], *act.facts["merged"]])
    there = {model: model.objects.changeable_by(user, "edit").in_bulk(ids) for model, ids in wanted.items()}
    told = []
    for act in acts:
        ids = [act.facts["record"], *act.facts["merged"]]
        records = [there[model_of(act)].get(pk) for pk in ids]
        if all(records):
            told.append(Told(act, tuple(map(str, records[1:])), records[0]))
    return told
