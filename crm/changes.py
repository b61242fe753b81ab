"""The history of one record, read back: who changed what, when and why, as far as the reader may know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.access import access_of, policy_of
from crm.dates import in_full
from crm.models import User
from crm.records import Part, Record

LONGEST = 100  # changes shown


@dataclass(frozen=True)
class Difference:
    """One field that changed, in words; "" where there was nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One act: when, who (None: the system), why, what kind of act, and the fields it changed."""

    at: datetime
    who: User | None
    reason: str
    verb: str
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_first(self):
        """Whether there was nothing before it."""
        return not any(one.before for one in self.differences)


def of(record, reader):
    """Return the last changes of a record and its parts, newest first.

    Raises the record's DoesNotExist if the reader may not see it. Names of records hidden from the reader are
    left out, and so is what the record's policy does not tell them of its past.
    """
    type(record).objects.visible_to(reader).only("pk").get(pk=record.pk)
    policy, access = policy_of(type(record)), access_of(reader)
    hidden = access.hidden(record.record_kind())
    own = [pair for pair in _events_of(record) if all(policy.tells(event, access) for event in pair if event)]
    parts = [part for part in _parts_of(type(record)) if part.rights_name not in hidden]
    rows = [*own, *(event for part in parts for event in _part_events(part, record))]
    rows.sort(key=lambda row: (row[0].pgh_created_at, row[0].pgh_id), reverse=True)
    rows = [row for row in rows if row[0].pgh_label != "update" or row[1] is not None][:LONGEST]
    return _told(rows, reader, hidden)


def _event_model(model):
    return model.pgh_event_model


def _parts_of(model):
    return [
        part
        for part in apps.get_models()
        if issubclass(part, Part)
        and hasattr(part, "pgh_event_models")
        and any(part._meta.get_field(whole).related_model is model for whole in part.wholes)
    ]


def _events_of(record):
    """Return (event, the one before it) of a record, newest first."""
    events = _event_model(type(record)).objects.filter(pgh_obj_id=record.pk).select_related("pgh_context")
    return _with_previous(list(events.order_by("-pgh_id")[: LONGEST + 1]))


def _part_events(part, record):
    wholes = [name for name in part.wholes if isinstance(record, part._meta.get_field(name).related_model)]
    condition = Q(*((f"{name}_id", record.pk) for name in wholes), _connector=Q.OR)
    events = _event_model(part).objects.filter(condition).select_related("pgh_context")
    return _with_previous(list(events.order_by("-pgh_id")[: LONGEST + 1]))


def _with_previous(events):
    pairs = []
    for number, event in enumerate(events):
        earlier = (other for other in events[number + 1 :] if other.pgh_obj_id == event.pgh_obj_id)
        pairs.append((event, next(earlier, None)))
    return pairs


def _told(rows, reader, hidden):
    contexts = [
        event.pgh_context.metadata if event.pgh_context_id and event.pgh_context else {} for event, _before in rows
    ]
    people = User.objects.in_bulk({context["user"] for context in contexts if context.get("user")})
    names = _Names(rows, reader)
    changes = []
    for (event, before), context in zip(rows, contexts, strict=True):
        differences = _differences(event, before, names, hidden)
        if differences or event.pgh_label != "update":
            who = people.get(context.get("user"))
            changes.append(
                Change(event.pgh_created_at, who, context.get("reason", ""), _verb(event, before), differences)
            )
    return changes


def _verb(event, before):
    model = type(event).pgh_tracked_model
    name = model._meta.verbose_name
    if event.pgh_label == "insert":
        return _("created") if issubclass(model, Record) else _("added %(what)s") % {"what": name}
    if event.pgh_label == "delete":
        return _("removed %(what)s") % {"what": name}
    if issubclass(model, Record) and before is not None and bool(event.trashed_at) != bool(before.trashed_at):
        return _("put in the trash") if event.trashed_at else _("restored")
    return _("changed")


UNTOLD = {
    "id",
    "custom",
    "typed",
    "trashed_at",
    "trashed_by",
    "merged_into",
    "reversed_digits",
    "domain",
    "done_by",
    "is_valid",
}


def _differences(event, before, names, hidden):
    model = type(event).pgh_tracked_model
    untold = UNTOLD | (hidden if issubclass(model, Record) else set(getattr(model, "wholes", ())))
    told = []
    for column in model._meta.concrete_fields:
        if column.name in untold or not hasattr(event, column.attname):
            continue
        new = getattr(event, column.attname)
        if event.pgh_label == "delete":
            old, new = new, None
        else:
            old = getattr(before, column.attname) if before is not None else None
        if (old or None) != (new or None):
            label = str(column.verbose_name)
            told.append(Difference(label[:1].upper() + label[1:], names.shown(column, old), names.shown(column, new)))
    return told


class _Names:
    """Names of the records and users that changes mention; a hidden record's name is not among them."""

    def __init__(self, rows, reader):
        self.found = {}
        wanted: dict[type, set] = {}
        for pair in rows:
            for event in filter(None, pair):
                for column in type(event).pgh_tracked_model._meta.concrete_fields:
                    value = getattr(event, column.attname, None)
                    if column.is_relation and value:
                        wanted.setdefault(column.related_model, set()).add(value)
        for model, ids in wanted.items():
            rows_of = model.objects.visible_to(reader) if issubclass(model, Record) else model.objects
            self.found[model] = rows_of.in_bulk(ids)

    def shown(self, column, value):
        """Return a value as the page shows it."""
        if value in (None, "", [], {}):
            return ""
        if column.is_relation:
            return str(self.found[column.related_model].get(value) or _("(hidden)"))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return ", ".join(map(str, value))
        if column.choices:
            return str(dict(column.flatchoices).get(value, value))
        if isinstance(value, datetime):
            return in_full(value)
        return str(getattr(value, "name", value))
