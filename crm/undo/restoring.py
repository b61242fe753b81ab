"""Bringing rows back as an act found them: some entries of the journal at a time, compared and written by the database.

Values never leave the database: the journal's JSON is read into the types the columns have today, so that what changed
its type since is still compared rightly, and columns that are gone are passed over.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from crm import events
from crm.access import access_of
from crm.records import Part, Record
from crm.tombstones import living_of
from crm.undo.following import Touched, follow
from crm.undo.journal import generated, is_journaled, left_out
from crm.undo.rows import UndoEntry
from crm.undo.rules import rights_of, rule_of

Operation, Outcome, Why = UndoEntry.Operation, UndoEntry.Outcome, UndoEntry.Why


@dataclass
class Line:
    """One entry under way: which columns stand as the act left them, which are as they were before, what stands now."""

    entry: UndoEntry
    there: bool = False
    fits: bool = True
    now: dict = field(default_factory=dict)
    untouched: frozenset = frozenset()
    already: frozenset = frozenset()

    def settle(self, outcome, why=Why.NONE, kept=None):
        self.entry.outcome, self.entry.why, self.entry.kept = outcome, why, kept or {}


class Table:
    """The rows of one model, and what their reader may do to them."""

    def __init__(self, model, act, by):
        self.model, self.act, self.by = model, act, by
        self.name = connection.ops.quote_name(model._meta.db_table)
        self.key = connection.ops.quote_name(model._meta.pk.column)
        self.fields = {one.column: one for one in model._meta.concrete_fields}
        self.is_record, self.is_part = issubclass(model, Record), issubclass(model, Part)
        self.rule = rule_of(act)
        self.references = {
            one.column: one.related_model
            for one in model._meta.concrete_fields
            if one.is_relation and issubclass(one.related_model, Record)
        }

    # What is there

    def lines(self, entries):
        """Lock the rows of these entries in the order of their ids and compare them with the journal."""
        columns = sorted({column for one in entries for column in one.after if column in self.writable})
        ids = [one.row_id for one in entries]
        self._execute(f"SELECT 1 FROM {self.name} WHERE {self.key} = ANY(%s) ORDER BY {self.key} FOR UPDATE", [ids])
        found = self._compared(columns, entries)
        lines = [self._line(one, found.get(one.pk, ())) for one in entries]
        for column, model in self.references.items():
            self._follow_merges(model, column, lines)
        for model, some in self._by_kind(lines).items():
            self._follow_merges(model, "record_id", some)
        return lines

    def _by_kind(self, lines):
        """Return {model: lines} of rows that name their record by kind and id."""
        found = defaultdict(list)
        for line in lines if {"kind", "record_id"} <= self.fields.keys() else ():
            if line.now.get("kind"):
                found[apps.get_model(line.now["kind"])].append(line)
        return found

    @staticmethod
    def _follow_merges(model, column, lines):
        """What a merge took along to the survivor stands as the act left it: nobody else touched it."""
        moved = [one for one in lines if one.now.get(column) and column in one.entry.after.keys() - one.untouched]
        if moved:
            living = living_of(model, {one.entry.after[column] for one in moved})
            for line in moved:
                if living.get(line.entry.after[column]) == line.now[column]:
                    line.untouched |= {column}

    def _compared(self, columns, entries):
        """Return {entry id: what `_comparison` gives} of the rows that are there; None of what fits no column now."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(self._comparison(columns), [[one.pk for one in entries]])
                return {row[0]: row[1:] for row in cursor.fetchall()}
        except DataError:
            if len(entries) == 1:
                return {entries[0].pk: None}
            each = [self._compared(columns, [one]) for one in entries]
            return {pk: found for some in each for pk, found in some.items()}

    def _comparison(self, columns):
        state = [column for column in ("trashed_at", "merged_into_id") if column in self.fields]

        def same(side):
            tests = (
                f"CASE WHEN entry.after ? '{c}' AND {side}.{_q(c)} IS NOT DISTINCT FROM row.{_q(c)} THEN '{c}' END"
                for c in columns
            )
            return f"ARRAY[{', '.join(tests)}]::text[]"

        now = ", ".join(f"'{column}', row.{_q(column)}" for column in dict.fromkeys([*columns, *state]))
        return (
            f"SELECT entry.id, jsonb_build_object({now})::text, {same('after')}, {same('before')} "
            f"FROM crm_undoentry AS entry JOIN {self.name} AS row ON row.{self.key} = entry.row_id "
            f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{self.name}, entry.after) AS after "
            f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{self.name}, entry.before) AS before "
            "WHERE entry.id = ANY(%s)"
        )

    @staticmethod
    def _line(entry, found):
        if not found:
            return Line(entry, there=found is None, fits=found is not None)
        now, untouched, already = found
        untouched, already = (frozenset(filter(None, columns)) for columns in (untouched, already))
        return Line(entry, there=True, now=json.loads(now), untouched=untouched, already=already)

    @cached_property
    def writable(self):
        """The columns that can be written: no generated ones, none that follow from others."""
        return set(self.fields).difference(left_out(self.model), [self.model._meta.pk.column])

    # What may be done

    @cached_property
    def fixed(self):
        """Columns that whoever undoes may not set, or not know."""
        if self.rule:
            return set()
        names = access_of(self.by).fixed(self.model._meta.label_lower) if self.is_record else ()
        return {column for column, one in self.fields.items() if one.name in names}

    def allowed(self, lines):
        """Return the ids of the entries whose rows the user may change so."""
        if self.rule:
            return {line.entry.pk for line in lines}
        if self.is_record:
            return {pk for action in ("edit", "trash") for pk in self._allowed_records(lines, action)}
        if self.is_part:
            return self._allowed_parts([line.entry for line in lines])
        return self._allowed_rows([line.entry for line in lines])

    def _allowed_rows(self, entries):
        """Return the ids of entries of a table that says itself who may bring its rows back."""
        asks = rights_of(self.model)
        if asks is None:
            return set()
        now = self.model._default_manager.filter(pk__in=[one.row_id for one in entries])
        present = {row["pk"]: row for row in now.values("pk", *(one.attname for one in self.fields.values()))}
        sides = {one.pk: (one.before, one.after, present.get(one.row_id, {})) for one in entries}
        values = {pk: {c: {side[c] for side in some if c in side} for c in self.fields} for pk, some in sides.items()}
        return set(asks(list(values.items()), self.by))

    def _allowed_records(self, lines, action):
        asked = [line for line in lines if _action(line.entry) == action]
        if not asked:
            return set()
        rows = self.model.objects.changeable_by(self.by, action)
        ids = set(rows.filter(pk__in=[line.entry.row_id for line in asked]).values_list("pk", flat=True))
        if action == "trash":
            ids |= self._own_doing([line.entry for line in asked if line.entry.row_id not in ids])
        return {one.entry.pk for one in asked if one.entry.row_id in ids or self._gave_away(one, action)}

    def _own_doing(self, entries):
        """Return the ids of records that the user's own act has added, or its undoing trashed, and that they may edit.

        Who may add records and not trash any can so take back what they added, and take that back, too.
        """
        if self.act.by_id != self.by.pk:
            return set()
        again = bool(self.act.undoes_id)
        ids = [
            one.row_id
            for one in entries
            if one.operation == Operation.INSERT or (again and one.after.get("trashed_at"))
        ]
        if not ids:
            return set()
        return set(self.model.objects.changeable_by(self.by, "edit").filter(pk__in=ids).values_list("pk", flat=True))

    def _gave_away(self, line, action):
        """Whether the user gave this record of theirs to somebody else by the act, and it was not passed on since."""
        own = line.entry.before.get("owner_id") == self.by.pk and self.act.by_id == self.by.pk
        return own and "owner_id" in line.untouched and self.by.access.may(self.model.record_kind(), action)

    def _allowed_parts(self, entries):
        """Return the ids of entries of parts all of whose records the user may change, and whose sort they may know."""
        named = [(one, self._wholes(one)) for one in entries]
        open_ids = {}
        for model in {model for _one, wholes in named for model, _pk in wholes}:
            ids = {pk for _one, wholes in named for of, pk in wholes if of is model}
            may = self.model.rights_name not in access_of(self.by).fixed(model._meta.label_lower)
            rows = model.objects.changeable_by(self.by, "edit").filter(pk__in=ids)
            open_ids[model] = set(rows.values_list("pk", flat=True)) if may else set()
        return {one.pk for one, wholes in named if all(pk in open_ids[model] for model, pk in wholes)}

    def _wholes(self, entry):
        """Return {(model, id)} of the records a part belongs to: before the act, after it and now."""
        wholes = [self.model._meta.get_field(name) for name in self.model.wholes]
        sides = (entry.before, entry.after, self._present.get(entry.row_id, {}))
        return {(one.related_model, side[one.column]) for one in wholes for side in sides if side.get(one.column)}

    @cached_property
    def _present(self):
        return {}

    def know_wholes(self, entries):
        """Read to which records the parts of these entries belong now."""
        if self.is_part:
            columns = [self.model._meta.get_field(name).attname for name in self.model.wholes]
            rows = self.model.objects.unscoped(because="whose they are is asked before anything is done to them")
            rows = rows.filter(pk__in=[one.row_id for one in entries])
            self._present.update({row["pk"]: row for row in rows.values("pk", *columns)})

    # What is done

    def restore(self, lines):
        """Write the columns that stand as the act left them back to what they were; what differs stays and is noted."""
        chosen = []
        for line in lines:
            columns = self._chosen(line)
            differs = set(line.entry.after) & self.writable - columns - line.already
            kept = {column: line.now.get(column) for column in sorted(differs)}
            gone = set(line.entry.after) - set(self.fields)
            kept |= dict.fromkeys(sorted(gone), None)
            line.settle(_outcome(columns | line.already, kept), kept=kept)
            if columns:
                chosen.append((line, columns))
        self._all_or_each(chosen, self._write)

    def _chosen(self, line):
        """Return the columns to write: untouched since, the user's to set, and together with what they go with."""
        free = line.untouched - self.fixed - line.already
        settled = line.untouched | line.already
        tied = getattr(self.model, "undone_with", {})
        return {c for c in free if not (tied.get(c) in line.entry.after and tied[c] not in settled - self.fixed)}

    def _write(self, chosen):
        columns = sorted({column for _line, some in chosen for column in some})
        sets = [f"{_q(c)} = CASE WHEN chosen.columns ? '{c}' THEN before.{_q(c)} ELSE row.{_q(c)} END" for c in columns]
        values = []
        if "updated_by_id" in self.fields:
            sets, values = [*sets, "updated_by_id = %s"], [self.by.pk]
        pairs = [[line.entry.pk for line, _some in chosen], [json.dumps(sorted(some)) for _line, some in chosen]]
        self._execute(
            f"UPDATE {self.name} AS row SET {', '.join(sets)} "
            "FROM unnest(%s::bigint[], %s::jsonb[]) AS chosen(id, columns) "
            "JOIN crm_undoentry AS entry ON entry.id = chosen.id "
            f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{self.name}, entry.before) AS before "
            f"WHERE row.{self.key} = entry.row_id",
            [*values, *pairs],
        )

    def remove(self, lines):
        """Take away rows that the act added and nobody changed since: records go to the trash, others for good."""
        chosen = []
        for line in lines:
            changed = {c for c in line.entry.after if c in self.writable} - line.untouched
            if self.is_record and line.now.get("trashed_at"):
                line.settle(Outcome.RESTORED)
            elif changed:
                line.settle(Outcome.KEPT, kept={column: line.now.get(column) for column in sorted(changed)})
            else:
                line.settle(Outcome.RESTORED)
                chosen.append((line, ()))
        self._all_or_each(chosen, self._trash if self.is_record else self._delete)

    def _trash(self, chosen):
        ids = [line.entry.row_id for line, _none in chosen]
        self._execute(
            f"UPDATE {self.name} SET trashed_at = %s, trashed_by_id = %s WHERE {self.key} = ANY(%s)",
            [timezone.now(), self.by.pk, ids],
        )

    def _delete(self, chosen):
        ids = [line.entry.row_id for line, _none in chosen]
        self._execute(f"DELETE FROM {self.name} WHERE {self.key} = ANY(%s)", [ids])

    def add(self, lines):
        """Put back rows that the act removed, under the ids they had."""
        for line in lines:
            line.settle(Outcome.RESTORED)
        self._all_or_each([(line, ()) for line in lines], self._insert)

    def put_back(self, entry, over):
        """Insert the row that an entry of another act removed, with these values over its own; return whether it fits.

        `over`: {column: value}.
        """
        return self._written([entry.pk], lambda ids: self._insert_from(ids, over))

    def _insert(self, chosen):
        self._insert_from([line.entry.pk for line, _none in chosen], {})

    def _insert_from(self, ids, over):
        computed = set(generated(self.model))
        columns = ", ".join(_q(column) for column in self.fields if column not in computed)
        rows = ", ".join(f"row.{_q(column)}" for column in self.fields if column not in computed)
        self._execute(
            f"INSERT INTO {self.name} ({columns}) SELECT {rows} FROM crm_undoentry AS entry "
            f"CROSS JOIN LATERAL jsonb_populate_record(NULL::{self.name}, %s::jsonb || entry.before || %s::jsonb || "
            f"jsonb_build_object(%s::text, entry.row_id)) AS row WHERE entry.id = ANY(%s) ORDER BY entry.id DESC",
            [self._defaults, json.dumps(over), self.model._meta.pk.column, ids],
        )

    @cached_property
    def _defaults(self):
        """What columns hold that came into being after the act."""
        values = {column: one.get_default() for column, one in self.fields.items() if not one.primary_key}
        return json.dumps({column: value for column, value in values.items() if value is not None}, cls=_Encoder)

    def _all_or_each(self, chosen, write):
        """Write all at once; where the database refuses that, each by itself, so that one does not hold up the rest.

        What is refused while another row stands in its place is tried again after the others.
        """
        if not chosen or self._written(chosen, write):
            return
        left, before = chosen, None
        while left and left != before:
            before, left = left, [one for one in left if not self._written([one], write)]
        for line, _columns in left:
            known = {column: line.now.get(column) for column in line.entry.after if column in line.now}
            line.settle(Outcome.LEFT, Why.STUCK, kept=known)

    @staticmethod
    def _written(chosen, write):
        try:
            with transaction.atomic():
                write(chosen)
                connection.check_constraints()
        except (IntegrityError, DataError):
            return False
        return True

    @staticmethod
    def _execute(statement, values):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)


class _Encoder(DjangoJSONEncoder):
    """Whatever is no JSON is written as the text of it, which the database reads."""

    def default(self, o):
        try:
            return super().default(o)
        except TypeError:
            return str(o)


def _q(column):
    return connection.ops.quote_name(column)


def _action(entry):
    """Return the right it takes to undo an entry: what was put in the trash, taken out or added is trashed or back."""
    return "trash" if "trashed_at" in entry.after or entry.operation != Operation.UPDATE else "edit"


def _outcome(restored, kept):
    if not kept:
        return Outcome.RESTORED
    return Outcome.PARTLY if restored else Outcome.KEPT


def undo_entries(entries, act, by):
    """Undo these entries of an act and note at each what became of it. The caller has opened a transaction.

    Entries of one model and operation are done together, in the order in which these come.
    """
    groups: dict[tuple[str, str], list[UndoEntry]] = {}
    for entry in entries:
        groups.setdefault((entry.kind, entry.operation), []).append(entry)
    for (kind, operation), some in groups.items():
        _undo_group(_model(kind), operation, some, act, by)
    _note(entries)


def _note(entries):
    values = [(one.pk, str(one.outcome), str(one.why), json.dumps(one.kept)) for one in entries]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE crm_undoentry AS entry SET outcome = noted.outcome, why = noted.why, kept = noted.kept "
            "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::jsonb[]) AS noted(id, outcome, why, kept) "
            "WHERE entry.id = noted.id",
            [list(column) for column in zip(*values, strict=True)],
        )


def _model(kind):
    try:
        model = apps.get_model(kind)
    except LookupError:
        return None
    return model if is_journaled(model) else None


def _undo_group(model: Any, operation, entries, act, by):
    if model is None or operation == Operation.NONE:
        for entry in entries:
            unknown = model is None and operation != Operation.NONE
            entry.outcome, entry.why = (Outcome.LEFT, Why.UNKNOWN) if unknown else (Outcome.RESTORED, Why.NONE)
        return
    table = Table(model, act, by)
    table.know_wholes(entries)
    lines = table.lines(entries)
    by_rule = table.rule.settle(table, lines) if table.rule else []
    ready = _ready(table, lines, operation)
    act_on = {Operation.UPDATE: table.restore, Operation.INSERT: table.remove, Operation.DELETE: table.add}
    act_on[operation](ready)
    done = [line.entry for line in (*by_rule, *ready) if line.entry.outcome in (Outcome.RESTORED, Outcome.PARTLY)]
    follow(model, [Touched(one.row_id, one.before, one.after) for one in done])
    if table.is_record:
        _tell(model, done, by)


def _tell(model, done, by):
    """Note what undoing was to these records: back from the trash, put there, or changed."""
    verbs: dict[str, list[int]] = {}
    for one in done:
        trashed = one.operation == Operation.INSERT or ("trashed_at" in one.after and one.before.get("trashed_at"))
        verb = "trashed" if trashed else "restored" if "trashed_at" in one.after else "changed"
        verbs.setdefault(verb, []).append(one.row_id)
    for verb, ids in verbs.items():
        events.note_many(f"{model._meta.label_lower}.{verb}", ids, by=by)


def _ready(table, lines, operation):
    """Return the lines that can be undone; settle the others with the reason."""
    allowed, ready = table.allowed(lines), []
    added = _added_wholes(table, lines) if operation == Operation.INSERT and table.is_part else set()
    for line in lines:
        if line.entry.outcome:
            continue
        if why := _hindrance(line, operation, line.entry.pk in allowed, bool(table.rule)):
            line.settle(Outcome.LEFT, why)
        elif line.entry.pk in added or (
            operation != Operation.UPDATE and line.there == (operation == Operation.DELETE)
        ):
            line.settle(Outcome.RESTORED)  # it goes with its record, or is as it was already
        else:
            ready.append(line)
    return ready


def _hindrance(line, operation, is_allowed, anywhere):
    """Return why an entry cannot be undone, or nothing. `anywhere`: in the trash or merged, too."""
    if operation == Operation.UPDATE and not line.there:
        return Why.GONE
    if not is_allowed:
        return Why.FORBIDDEN
    if not line.fits:
        return Why.STUCK
    for column, why in () if anywhere else (("merged_into_id", Why.MERGED), ("trashed_at", Why.TRASHED)):
        if line.now.get(column) and not {"trashed_at", "merged_into_id"}.intersection(line.entry.after):
            return why
    return Why.NONE


def _added_wholes(table, lines):
    """Return the ids of entries of parts whose record the same act added: they stay with it, in the trash or not."""
    wholes = {line.entry.pk: table._wholes(line.entry) for line in lines}
    added = set()
    for model in {model for of in wholes.values() for model, _pk in of}:
        ids = {pk for of in wholes.values() for one, pk in of if one is model}
        rows = table.act.entries.filter(kind=model._meta.label_lower, operation=Operation.INSERT, row_id__in=ids)
        added |= {(model, pk) for pk in rows.values_list("row_id", flat=True)}
    return {pk for pk, of in wholes.items() if of & added}
