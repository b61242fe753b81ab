"""Events as one reader may know them: who, what, when, why, and the fields before and after."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Subquery
from django.urls import NoReverseMatch, reverse

from crm import changes
from crm.access import policies
from crm.audit import reasons
from crm.audit.events import Kind, kinds, previous
from crm.merging.registry import mergeable
from crm.models import FieldRight, Grant, Share, User
from crm.policies import ACTIVITY
from crm.records import Part, Record

SAID_IN_TITLE = {
    "crm.grant": {"role", "kind", "action"},
    "crm.fieldright": {"role", "kind", "field"},
}


@dataclass(frozen=True)
class Entry:
    """One event. `title`: the name of the record, "" where it is hidden from the reader; `who`: None is the system.

    `unmerge_url`: of what a merge wrote that stands and that the reader may take apart, where."""

    key: tuple
    at: datetime
    who: User | None
    who_url: str
    action: str
    kind: Kind
    title: str
    url: str
    reason: str
    differences: list[changes.Difference] = field(default_factory=list)
    unmerge_url: str = ""

    @property
    def pk(self):
        return self.key[2]


def told(keys, reader):
    """Return the entries of some keys, in their order, as the reader may know them: two queries a kind, and names."""
    pairs = _pairs(keys)
    known = _Known(pairs.values(), reader)
    return [_entry(key, pairs[key[1:]], known) for key in keys if key[1:] in pairs]


class _Known:
    """What the reader knows of those who acted and of what they acted on."""

    def __init__(self, pairs, reader):
        self.reader = reader
        self.names, self.subjects = changes.Names(pairs, reader), _Subjects(pairs, reader)
        self.people = _People(pairs, reader)
        self.unmerge_urls = changes.unmerge_urls((event for event, _before in pairs), reader)


def _pairs(keys):
    """Return {(number of the kind, id): (event, the event of the same row before it, or None)}."""
    ids = defaultdict(list)
    for _at, number, pk in keys:
        ids[number].append(pk)
    found = {}
    for number, pks in ids.items():
        rows = kinds()[number].events.objects
        events = rows.filter(pgh_id__in=pks).select_related("pgh_context")
        events = list(events.annotate(pgh_previous=Subquery(previous(kinds()[number]).values("pgh_id")[:1])))
        earlier = rows.in_bulk({event.pgh_previous for event in events if event.pgh_previous})
        found |= {(number, event.pgh_id): (event, earlier.get(event.pgh_previous)) for event in events}
    return found


def _entry(key, pair, known):
    (event, before), kind = pair, kinds()[key[1]]
    title, url = known.subjects.of(event, known.names)
    left_out = changes.untold(kind.model, known.reader) | SAID_IN_TITLE.get(kind.key, set())
    knows = title and changes.tells(pair, known.reader)
    knows_before = before is not None or event.pgh_label != "update"  # else nobody knows which fields it changed
    return Entry(
        key=key,
        at=event.pgh_created_at,
        who=known.people.found.get(event.pgh_user_id),
        who_url=known.people.url(event.pgh_user_id),
        action=changes.action_of(event, before),
        kind=kind,
        title=title if knows else "",
        url=url if knows else "",
        reason=reasons.in_words(changes.reason_of(event)),
        differences=changes.differences(event, before, known.names, left_out) if knows and knows_before else [],
        unmerge_url=known.unmerge_urls.get(changes.merge_of(event), "") if mergeable(kind.model) else "",
    )


class _People:
    """Who acted, and where the reader finds what else they did."""

    def __init__(self, pairs, reader):
        ids = {event.pgh_user_id for event, _before in pairs if event.pgh_user_id}
        self.found = User.objects.in_bulk(ids)
        self.open = set()
        if ids and reader.access.may(ACTIVITY, "view"):
            self.open = set(User.objects.open_to(reader, ACTIVITY).filter(pk__in=ids).values_list("pk", flat=True))

    def url(self, pk):
        return reverse("user_activity", args=[pk]) if pk in self.open else ""


def subject(event) -> tuple[Any, int]:
    """Return (model, id) of what an event is about: the record, that of a part, or the row itself."""
    model = type(event).pgh_tracked_model
    if model is Share:
        return apps.get_model(event.kind), event.record_id
    if issubclass(model, Part):
        for name in model.wholes:
            if pk := getattr(event, f"{name}_id"):
                return model._meta.get_field(name).related_model, pk
    return model, event.pgh_obj_id


class _Subjects:
    """The records that events are about, through the door: live, in the trash for those who may take them back, or
    merged into others for those who saw them before."""

    def __init__(self, pairs, reader):
        wanted = defaultdict(set)
        for event, _before in pairs:
            model, pk = subject(event)
            if issubclass(model, Record):
                wanted[model].add(pk)
        self.found = {}
        for model, ids in wanted.items():
            self.found[model] = model.objects.visible_to(reader).in_bulk(ids)
            if missing := ids - self.found[model].keys():
                self.found[model] |= model.objects.restorable_by(reader).in_bulk(missing)
            if mergeable(model) and (missing := ids - self.found[model].keys()):
                self.found[model] |= model.objects.merged_for(reader).in_bulk(missing)

    def of(self, event, names):
        """Return (name, address) of what an event is about; ("", "") where it is hidden."""
        model, pk = subject(event)
        if issubclass(model, Record):
            record = self.found[model].get(pk)
            return (str(record), _address(record)) if record is not None else ("", "")
        return _as_it_was(event, names), ""


def _address(record):
    if hasattr(record, "get_absolute_url"):
        return record.get_absolute_url()
    if record.is_trashed:
        return ""
    try:
        return reverse(f"{record._meta.app_label}:{record._meta.model_name}_changes", args=[record.pk])
    except NoReverseMatch:
        return ""


def _as_it_was(event, names):
    """Return the name of a user, role, grant or team from the event itself: the row may be gone."""
    model = type(event).pgh_tracked_model
    if model is Grant:
        role = names.shown(Grant._meta.get_field("role"), event.role_id)
        return f"{role}: {event.action} {_plural(event.kind)} ({event.scope})"
    if model is FieldRight:
        role = names.shown(FieldRight._meta.get_field("role"), event.role_id)
        return f"{role}: {policies()[event.kind].label_of(event.field)} ({_plural(event.kind)})"
    columns = [column for column in model._meta.concrete_fields if hasattr(event, column.attname)]
    return str(model(**{column.attname: getattr(event, column.attname) for column in columns}))


def _plural(kind):
    """Return "people" for "contacts.person"; an area keeps its last word."""
    try:
        return apps.get_model(kind)._meta.verbose_name_plural
    except (LookupError, ValueError):
        return kind.split(".")[-1]
