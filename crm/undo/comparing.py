"""What stands now of the rows that an act wrote, beside what it left and what it found.

The database compares: the journal's JSON is read into the types the columns have today, so that what changed its type
since is still compared rightly, and columns that are gone are passed over.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from django.apps import apps
from django.db import DataError, connection, transaction

from crm.records import Part, Record
from crm.tombstones import living_of
from crm.undo.journal import left_out
from crm.undo.rows import UndoEntry
from crm.undo.rules import rule_of


@dataclass
class Line:
    """One entry under way: which columns stand as the act left them, which are as they were before, what stands now."""

    entry: UndoEntry
    there: bool = False
    fits: bool = True
    now: dict = field(default_factory=dict)
    untouched: frozenset = frozenset()
    already: frozenset = frozenset()

    def settle(self, outcome, why=UndoEntry.Why.NONE, kept=None):
        self.entry.outcome, self.entry.why, self.entry.kept = outcome, why, kept or {}


class Compared:
    """The rows of one model that an act wrote, as they stand."""

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
                f"CASE WHEN entry.after ? '{column}' AND {side}.{name} IS NOT DISTINCT FROM row.{name} "
                f"THEN '{column}' END"
                for column, name in ((column, quoted(column)) for column in columns)
            )
            return f"ARRAY[{', '.join(tests)}]::text[]"

        now = ", ".join(f"'{column}', row.{quoted(column)}" for column in dict.fromkeys([*columns, *state]))
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

    @staticmethod
    def _execute(statement, values):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)


def quoted(column):
    return connection.ops.quote_name(column)
