"""What was merged into what, as a reader may know it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef
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
    acts = standing(Act.objects.filter(**({"pk__lt": before} if before else {})))
    parts = [acts.filter(of=model._meta.label_lower, into__in=_editable(model, user)) for model in models]
    parts = [part.order_by("-pk").values_list("pk", flat=True)[: PAGE + 1] for part in parts]
    if not parts:
        return [], None
    ids = parts[0].union(*parts[1:]).order_by("-pk")[: PAGE + 1] if len(parts) > 1 else parts[0]
    page = list(ids)
    return _told(_acts(page[:PAGE]), user), page[PAGE - 1] if len(page) > PAGE else None


def standing(acts):
    """Return those of some acts that are merges and stand, with `of`, the kind, and `into`, the id of the survivor.

    Two indexes have them: by kind in the order of their ids, and by kind and survivor.
    """
    into = Cast(KT("facts__record"), BigIntegerField())
    return acts.filter(kind=KIND, state=Act.State.DONE).alias(of=KT("facts__kind"), into=into)


def _editable(model, user):
    return model.objects.changeable_by(user, "edit").values("pk")


def _acts(ids):
    return list(Act.objects.filter(pk__in=ids).select_related("by").order_by("-pk"))


def open_acts(ids, user):
    """Return {id: Told} of those of these acts that are merges, stand, and can be taken apart by the user."""
    acts = Act.objects.filter(pk__in=ids, kind=KIND, state=Act.State.DONE).select_related("by") if ids else ()
    return {one.act.pk: one for one in _told(list(acts), user)}


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
