"""Acts and their rows as a reader may know them: names through the door, no value of a hidden field."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from crm import changes
from crm.access import access_of, policy_of
from crm.models import User
from crm.records import Part, Record
from crm.undo.rows import Act, UndoEntry
from crm.undo.rules import rule_of
from crm.undo.wording import in_words

IN_TRASH = "trashed_at"


@dataclass(frozen=True)
class ToldField:
    """One column an act changed: what it was, what the act made of it, and what stands now if that was kept."""

    label: str
    before: str
    after: str
    kept: bool = False
    now: str = ""
    who: User | None = None
    at: datetime | None = None


@dataclass
class ToldRow:
    """One row of an act: its name and address, what was done to it, and what an undo made of it."""

    entry: UndoEntry
    name: str
    url: str = ""
    fields: list[ToldField] = field(default_factory=list)


def acts_of(user):
    """Return the acts a user may see, with what their pages show of each."""
    return Act.objects.visible_to(user).select_related("by", "undone_by", "undoes", "job", "undoing_job")


def offer_redo(acts, user):
    """Set `redo` of each act: the undo of it that can be undone by the user, so that it is done again; else None."""
    undos = acts_of(user).filter(undoes__in=acts).order_by("id")
    open_ones = {one.undoes_id: one for one in undos if one.is_open}
    for act in acts:
        act.redo = open_ones.get(act.pk) if act.undone_at else None
    return acts


def of_job(job, user):
    """Return the act that a job does or undoes, as far as the user may see it, else None."""
    acts = acts_of(user).filter(Q(job=job, undoes=None) | Q(undoing_job=job))
    return next(iter(name_acts(list(acts[:1]), user)), None)


def name_acts(acts, reader):
    """Set `words` of each act: what it did, naming its record if the reader may know it; and `record`, `number`."""
    wanted: dict[str, set] = {}
    told = [(act, (act.undoes or act)) for act in acts]
    for _act, one in told:
        if "record" in one.facts:
            wanted.setdefault(one.facts.get("kind", ""), set()).add(one.facts["record"])
    found = {kind: _records(_model(kind), ids, reader) for kind, ids in wanted.items()}
    for act, one in told:
        record = found.get(one.facts.get("kind", ""), {}).get(one.facts.get("record"))
        act.words = in_words(act, reader, str(record or ""))
        number = one.facts.get("number", act.rows) if rule_of(one) else act.rows
        act.record, act.number = record, number_format(number, force_grouping=True)
    return acts


def _model(kind) -> Any:
    try:
        return apps.get_model(kind)
    except (LookupError, ValueError):
        return None


def _records(model, ids, reader):
    """Return {id: record} of those the reader sees, in the trash or not, and of those they saw before a merge."""
    if model is None or not issubclass(model, Record) or not ids:
        return {}
    seen, trashed = model.objects.visible_to(reader), model.objects.restorable_by(reader)
    found = {**trashed.in_bulk(ids), **seen.in_bulk(ids)}
    missing = set(ids) - found.keys()
    return {**model.objects.merged_for(reader).in_bulk(missing), **found} if missing else found


def rows(act, entries, reader):
    """Return ([ToldRow], how many of the entries are not the reader's to see).

    An act with a rule of its own takes along what its actor does not see: that is not counted.
    """
    kinds: dict[str, list] = {}
    for entry in entries:
        kinds.setdefault(entry.kind, []).append(entry)
    told = {one.entry.pk: one for kind, some in kinds.items() for one in _Kind(kind, some, act, reader).rows()}
    shown = [told[entry.pk] for entry in entries if entry.pk in told]
    return shown, 0 if rule_of(act.undoes or act) else len(entries) - len(shown)


class _Kind:
    """The entries of one kind on a page."""

    def __init__(self, kind, entries, act, reader):
        self.kind, self.entries, self.act, self.reader = kind, entries, act, reader
        self.model = _model(kind)
        self.names = changes.Names((), reader)

    def rows(self) -> Iterable[ToldRow]:
        if self.model is None:
            return [ToldRow(entry, _("Data of a kind that is no longer kept")) for entry in self.entries]
        named = self._named()
        self._look_up()
        changers = self._changers(named)
        return [
            ToldRow(entry, str(name), url, self._fields(entry, changers))
            for entry in self.entries
            if entry.pk in named
            for name, url in [named[entry.pk]]
        ]

    def _named(self):
        """Return {entry id: (name, address)} of what the reader may know of."""
        if issubclass(self.model, Part):
            return self._named_parts()
        if not issubclass(self.model, Record):
            return {entry.pk: (_capital(self.model._meta.verbose_name), "") for entry in self.entries}
        records = _records(self.model, {entry.row_id for entry in self.entries}, self.reader)
        return {
            entry.pk: (record, "" if record.is_trashed else _url(record))
            for entry in self.entries
            if (record := records.get(entry.row_id)) and self._tells(entry, record)
        }

    def _tells(self, entry, record):
        """Whether the reader may know what the record was before the act and after it."""
        policy, access = policy_of(self.model), access_of(self.reader)
        return all(policy.tells(self._as_it_was(record, side), access) for side in (entry.before, entry.after))

    def _as_it_was(self, record, side):
        then = copy(record)
        for one in self._columns(side):
            setattr(then, one.attname, _value(one, side[one.column]))
        return then

    def _named_parts(self):
        wholes = [self.model._meta.get_field(name) for name in self.model.wholes]
        pairs = {
            entry.pk: [(one.related_model, pk) for one in wholes for pk in _sides(entry, one.column)]
            for entry in self.entries
        }
        present = self._wholes_now(wholes, [entry for entry in self.entries if not pairs[entry.pk]])
        pairs = {pk: some or present.get(pk, []) for pk, some in pairs.items()}
        found: dict[Any, dict] = {}
        for model in {model for some in pairs.values() for model, _pk in some}:
            knows = self.model.rights_name not in access_of(self.reader).hidden(model._meta.label_lower)
            ids = {pk for some in pairs.values() for one, pk in some if one is model}
            found[model] = _records(model, ids, self.reader) if knows else {}
        label = _capital(self.model._meta.verbose_name)
        return {
            pk: (f"{label}: {found[some[0][0]][some[0][1]]}", _url(found[some[0][0]][some[0][1]]))
            for pk, some in pairs.items()
            if some and all(one in found[model] for model, one in some)
        }

    def _wholes_now(self, wholes, entries):
        """Return {entry id: [(model, id)]} of parts whose record the act did not change."""
        rows = self.model.objects.unscoped(because="whose they are decides who may know of them")
        rows = rows.filter(pk__in=[entry.row_id for entry in entries]) if entries else rows.none()
        found = {row["pk"]: row for row in rows.values("pk", *(one.attname for one in wholes))}
        return {
            entry.pk: [(one.related_model, row[one.attname]) for one in wholes if row[one.attname]]
            for entry in entries
            if (row := found.get(entry.row_id))
        }

    def _columns(self, side):
        by_column = {one.column: one for one in self.model._meta.concrete_fields}
        return [by_column[column] for column in side if column in by_column]

    def _shown_columns(self, entry):
        """Return the columns of an entry that its reader is told of; of a row that came or went, none."""
        if entry.operation != UndoEntry.Operation.UPDATE:
            return self._columns(entry.kept)
        left_out = changes.untold(self.model, self.reader) - {IN_TRASH}
        return [one for one in self._columns(entry.after) if one.name not in left_out]

    def _look_up(self):
        wanted: dict[Any, set] = {}
        for entry in self.entries:
            for one in self._shown_columns(entry):
                if one.is_relation:
                    values = {side.get(one.column) for side in (entry.before, entry.after, entry.kept)}
                    wanted.setdefault(one.related_model, set()).update(values - {None})
        self.names.look_up(wanted, self.reader)

    def _changers(self, named):
        """Return who last changed what was kept, of records that the reader sees."""
        kept = [entry for entry in self.entries if entry.pk in named and entry.kept]
        if not (kept and self.act.undone_at and hasattr(self.model, "pgh_event_model")):
            return {}
        columns = {one.attname for entry in kept for one in self._shown_columns(entry) if one.column in entry.kept}
        ids = {entry.row_id for entry in kept}
        return changes.last_changed(self.model, ids, columns, self.act.undone_at, self.reader)

    def _fields(self, entry, changers):
        told = []
        for one in self._shown_columns(entry):
            sides = [self._shown(one, side.get(one.column)) for side in (entry.before, entry.after, entry.kept)]
            is_kept = one.column in entry.kept
            who, at = changers.get((entry.row_id, one.attname), (None, None)) if is_kept else (None, None)
            label = _("In the trash") if one.column == IN_TRASH else _capital(one.verbose_name)
            told.append(ToldField(label, sides[0], sides[1], is_kept, sides[2], who, at))
        return told

    def _shown(self, one, value):
        if one.column == IN_TRASH:
            return _("yes") if value else _("no")
        return self.names.shown(one, _value(one, value))


def _value(one, value):
    """Return a value of the journal as the field holds it; what does not fit it any more stays text."""
    if one.is_relation or value is None:
        return value
    try:
        return one.to_python(value)
    except (ValidationError, TypeError, ValueError):
        return str(value)


def _sides(entry, column):
    return {side[column] for side in (entry.before, entry.after) if side.get(column)}


def _url(record):
    return record.get_absolute_url() if hasattr(record, "get_absolute_url") else ""


def _capital(words):
    words = str(words)
    return words[:1].upper() + words[1:]
