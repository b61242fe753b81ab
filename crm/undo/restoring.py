"""Bringing rows back as an act found them: some entries of the journal at a time, written by the database.

Values never leave the database: the journal's JSON is read into the types the columns have today.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from crm import events
from crm.undo.allowing import Allowed
from crm.undo.comparing import quoted as _q
from crm.undo.following import Touched, follow
from crm.undo.journal import generated, is_journaled
from crm.undo.rows import UndoEntry

Operation, Outcome, Why = UndoEntry.Operation, UndoEntry.Outcome, UndoEntry.Why


class Table(Allowed):
    """The rows of one model, and ways to bring them back."""

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


class _Encoder(DjangoJSONEncoder):
    """Whatever is no JSON is written as the text of it, which the database reads."""

    def default(self, o):
        try:
            return super().default(o)
        except TypeError:
            return str(o)


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
