"""The history of one record, read back: who changed what, when and why, as far as the reader may know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crm.access import access_of, parts_of, policy_of, whole_names
from crm.dates import in_full
from crm.merging.registry import mergeable, reversal_url
from crm.merging.relations import every
from crm.merging.telling import open_acts
from crm.models import ExternalId, Share, User
from crm.records import Part, Record

LONGEST = 100  # changes shown
LONGEST_MANY = 1000  # events read to tell who changed what of a page of records


@dataclass(frozen=True)
class Difference:
    """One field that changed, in words; "" where there was nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One act: when, who (None: the system), why, what kind of act, and the fields it changed.

    `unmerge_url`: of a merge that stands and that the reader may take apart, where.
    """

    at: datetime
    who: User | None
    reason: str
    verb: str
    differences: list[Difference] = field(default_factory=list)
    unmerge_url: str = ""

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
    model, kind = type(record), record.record_kind()
    rows = [pair for pair in _events(model, Q(pgh_obj_id=record.pk)) if tells(pair, reader)]
    for part in tracked_parts_of(model):
        if part.rights_name not in access_of(reader).hidden(kind):
            rows += _events(part, belongs(part, model, record.pk))
    rows += _events(Share, Q(kind=kind, record_id=record.pk))
    rows += _merges(record, reader)
    rows.sort(key=lambda row: (row[0].pgh_created_at, row[0].pgh_id), reverse=True)
    rows = [row for row in rows if row[0].pgh_label != "update" or row[1] is not None or is_merge(row[0])][:LONGEST]
    return _told(rows, reader)


def _merges(record, reader):
    """Return the events by which others were merged into a record and still are."""
    model = type(record)
    if mergeable(model) is None:
        return []
    ids = list(every(model).filter(merged_into=record.pk).values_list("pk", flat=True))
    pairs = _events(model, Q(pgh_obj_id__in=ids)) if ids else []
    pairs = [pair for pair in pairs if tells(pair, reader) and pair[1] and not pair[1].merged_into_id]
    return [pair for pair in pairs if pair[0].merged_into_id == record.pk]


def tells(pair, reader):
    """Whether a reader of a record may know what it was at an event and before it, by the record's policy."""
    model, access = type(pair[0]).pgh_tracked_model, access_of(reader)
    if issubclass(model, Part):
        wholes = (model._meta.get_field(name).related_model._meta.label_lower for name in model.wholes)
        return all(model.rights_name not in access.hidden(kind) for kind in wholes)
    if not issubclass(model, Record):
        return True
    policy = policy_of(model)
    return all(policy.tells(event, access) for event in pair if event)


def tracked_parts_of(model):
    """Return the kinds of part of a kind of record that have a history."""
    return [part for part in parts_of(model) if hasattr(part, "pgh_event_model")]


def belongs(part, model, pk):
    """Return the condition over the events of a part "belongs to the record of this kind and id"."""
    return Q(*((f"{name}_id", pk) for name in whole_names(part, model)), _connector=Q.OR)


def _events(model, condition):
    """Return (event, the one before it) of the last events of a kind of row, newest first."""
    events = model.pgh_event_model.objects.filter(condition).select_related("pgh_context")
    return _with_previous(list(events.order_by("-pgh_id")[: LONGEST + 1]))


def _with_previous(events):
    pairs = []
    for number, event in enumerate(events):
        earlier = (other for other in events[number + 1 :] if other.pgh_obj_id == event.pgh_obj_id)
        pairs.append((event, next(earlier, None)))
    return pairs


def _told(rows, reader):
    people = User.objects.in_bulk({event.pgh_user_id for event, _before in rows if event.pgh_user_id})
    names, merged = Names(rows, reader), _tombstones(rows, reader)
    urls = unmerge_urls((event for event, _before in rows if getattr(event, "merged_into_id", None)), reader)
    changes = []
    for event, before in rows:
        told = differences(event, before, names, untold(type(event).pgh_tracked_model, reader))
        if told or event.pgh_label != "update" or is_merge(event):
            who = people.get(event.pgh_user_id)
            if getattr(event, "merged_into_id", None):
                said = _merged(merged.get(event.pgh_obj_id))
                url = urls.get(merge_of(event), "")
                changes.append(Change(event.pgh_created_at, who, reason_of(event), said, unmerge_url=url))
                continue
            changes.append(Change(event.pgh_created_at, who, reason_of(event), _verb(event, before), told))
    return changes


def _tombstones(rows, reader):
    """Return {id: record} of those that these events merged into others, as far as the reader may name them."""
    gone = [event for event, _before in rows if getattr(event, "merged_into_id", None)]
    model = type(gone[0]).pgh_tracked_model if gone else None
    return model.objects.merged_for(reader).in_bulk([event.pgh_obj_id for event in gone]) if model else {}


def _merged(record):
    """Return "merged Ada Lovelace into it", without the name where its reader may not know it (None)."""
    return _("merged %(name)s into it") % {"name": record} if record else _("merged another into it")


def reason_of(event):
    """Return the reason an act was noted with, as it was noted; "" where there was none."""
    return event.pgh_context.metadata.get("reason", "") if event.pgh_context_id and event.pgh_context else ""


def is_merge(event):
    """Whether it was written as records were merged."""
    return reason_of(event).startswith("merge ")


def merge_of(event):
    """Return the id of the act of the merge that an event was written in, None if it was none."""
    number = reason_of(event).removeprefix("merge ")
    return int(number) if is_merge(event) and number.isdecimal() else None


def unmerge_urls(events, reader):
    """Return {id of an act: where it is taken apart} of the merges of these events that the reader may take apart."""
    acts = {merge_of(event) for event in events} - {None}
    return {pk: reversal_url(pk) for pk in open_acts(acts, reader)}


def action_of(event, before):
    """Return what was done: "created", "changed", "removed", "trashed" or "restored"."""
    if event.pgh_label != "update":
        return {"insert": "created", "delete": "removed"}[event.pgh_label]
    trashes = issubclass(type(event).pgh_tracked_model, Record) and before is not None
    if trashes and bool(event.trashed_at) != bool(before.trashed_at):
        return "trashed" if event.trashed_at else "restored"
    return "changed"


def _verb(event, before):
    model, action = type(event).pgh_tracked_model, action_of(event, before)
    if action == "created" and not issubclass(model, Record):
        return _("added %(what)s") % {"what": model._meta.verbose_name}
    if action == "removed":
        return _("removed %(what)s") % {"what": model._meta.verbose_name}
    if event.pgh_label == "update" and is_merge(event):
        brought = _("brought %(what)s along in a merge") % {"what": model._meta.verbose_name}
        return _("merged others into it") if issubclass(model, Record) else brought
    words = {"created": _("created"), "trashed": _("put in the trash"), "restored": _("restored")}
    return words.get(action, _("changed"))


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


UNTOLD_OF_SHARES = {"kind", "record_id", "shared_by", "shared_at"}
"""Of rows that name a record by kind and id: the record itself, and what the act says."""


def untold(model, reader):
    """Return the names of a kind's fields that are left out of what a reader is told of its past."""
    hidden = access_of(reader).hidden(model._meta.label_lower)
    by_kind = UNTOLD_OF_SHARES if model in (Share, ExternalId) else ()
    return {*UNTOLD, *getattr(model, "wholes", ()), *hidden, *by_kind}


def differences(event, before, names, left_out):
    """Return what an event changed, field by field, in words; without the fields named in `left_out`."""
    told = []
    for column in type(event).pgh_tracked_model._meta.concrete_fields:
        if column.name in left_out or not hasattr(event, column.attname):
            continue
        new = getattr(event, column.attname)
        if event.pgh_label == "delete":
            old, new = new, None
        else:
            old = getattr(before, column.attname) if before is not None else None
        if (old or None) != (new or None):
            label = capfirst(str(column.verbose_name))
            told.append(Difference(label, names.shown(column, old), names.shown(column, new)))
    return told


def last_changed(model, ids, columns, until, reader):
    """Return {(id, column): (User or None, when)}: who last changed each of these columns of records by a moment.

    `ids`: of records that came through the door for `reader`. A column whose change is not on record, or not theirs to
    know, is left out.
    """
    events = model.pgh_event_model.objects.filter(pgh_obj_id__in=ids, pgh_created_at__lte=until)
    found = {}
    newest = events.order_by("-pgh_id")[:LONGEST_MANY]
    for event, before in _with_previous(list(newest)):
        if before is None or not tells((event, before), reader):
            continue
        for column in columns:
            key = (event.pgh_obj_id, column)
            if key not in found and getattr(event, column, None) != getattr(before, column, None):
                found[key] = (event.pgh_user_id, event.pgh_created_at)
    people = User.objects.in_bulk({who for who, _at in found.values() if who})
    return {key: (people.get(who), at) for key, (who, at) in found.items()}


class Names:
    """Names of the records and users that changes mention; a hidden record's name is not among them."""

    def __init__(self, rows, reader):
        self.found, self.choices = {}, {}
        wanted: dict[type, set] = {}
        for pair in rows:
            for event in filter(None, pair):
                for column in type(event).pgh_tracked_model._meta.concrete_fields:
                    value = getattr(event, column.attname, None)
                    if column.is_relation and value:
                        wanted.setdefault(column.related_model, set()).add(value)
        self.look_up(wanted, reader)

    def look_up(self, wanted, reader):
        """Find the names of more: {model: ids}."""
        for model, ids in wanted.items():
            rows_of = model.objects.visible_to(reader) if issubclass(model, Record) else model.objects
            self.found.setdefault(model, {}).update(rows_of.in_bulk(ids))

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
            if column not in self.choices:
                self.choices[column] = dict(column.flatchoices)
            return str(self.choices[column].get(value, value))
        if isinstance(value, datetime):
            return in_full(value)
        return str(getattr(value, "name", value))
