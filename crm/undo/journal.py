"""Which tables are journaled, and the triggers that write the journal.

While a recording is open (crm.undo.recording), triggers note every row that a statement inserts, changes or deletes, in
one INSERT ... SELECT a statement, whoever wrote it and however: save, update, bulk_create, COPY, a cascade. The rows
are noted whole, as the database knows them, so that no column can be forgotten, one that is added later included.
Outside a recording a trigger asks one setting and returns.
"""

from __future__ import annotations

import pgtrigger

SETTING = "crm.undo_act"
"""The setting of the transaction that holds the number of the act being recorded."""
BY_THEMSELVES = ("version", "updated_at", "updated_by_id")
"""Columns that every write of a record moves; undoing moves them on, not back."""

_HEAD = f"IF coalesce(current_setting('{SETTING}', true), '') = '' THEN RETURN NULL; END IF;"
_INTO = (
    "INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) "
    f"SELECT current_setting('{SETTING}')::bigint, '{{kind}}', "
)
_INSERT = (
    _HEAD
    + _INTO
    + "row.{key}, 'insert', '{{}}'::jsonb, to_jsonb(row) - ARRAY[{left_out}]::text[] FROM new_values AS row "
    "ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, "
    "operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;"
)
_UPDATE = (
    _HEAD + _INTO + "pair.key, 'update', changed.before, changed.after FROM ("
    "SELECT became.{key} AS key, to_jsonb(was) - ARRAY[{left_out}]::text[] AS was, "
    "to_jsonb(became) - ARRAY[{left_out}]::text[] AS became "
    "FROM old_values AS was JOIN new_values AS became USING ({key}) OFFSET 0) AS pair "
    "CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, "
    "jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item "
    "WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL "
    "ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, "
    "after = entry.after || EXCLUDED.after; RETURN NULL;"
)
_DELETE = (
    _HEAD
    + _INTO
    + "row.{key}, 'delete', to_jsonb(row) - ARRAY[{generated}]::text[], '{{}}'::jsonb FROM old_values AS row "
    "ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{{}}'::jsonb, "
    "operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;"
)
_WAS, _BECAME = {"old": "old_values"}, {"new": "new_values"}
_journaled: dict[str, tuple[str, ...]] = {}


class _Note(pgtrigger.Trigger):
    """Notes what one statement did to a table."""

    level, when = pgtrigger.Statement, pgtrigger.After

    def __init__(self, name, operation, sql, **rows):
        super().__init__(name=f"journal_{name}", operation=operation, referencing=pgtrigger.Referencing(**rows))
        self.sql = sql

    def get_func(self, model):
        return self.sql.format(
            kind=model._meta.label_lower,
            key=model._meta.pk.column,
            left_out=_quoted([model._meta.pk.column, *left_out(model)]),
            generated=_quoted(generated(model)),
        )


def journaled(*follows):
    """Class decorator: what happens to the rows of this table within a recording can be undone.

    `follows`: columns that follow from others and are brought up to date by crm.undo.following, not restored.
    """

    def register(model):
        _journaled[model._meta.label_lower] = follows
        return pgtrigger.register(
            _Note("insert", pgtrigger.Insert, _INSERT, **_BECAME),
            _Note("update", pgtrigger.Update, _UPDATE, **_WAS, **_BECAME),
            _Note("delete", pgtrigger.Delete, _DELETE, **_WAS),
        )(model)

    return register


def is_journaled(model):
    return model._meta.label_lower in _journaled


def generated(model):
    """Return the columns of a model that the database computes."""
    return [field.column for field in model._meta.concrete_fields if field.generated]


def left_out(model):
    """Return the columns whose change is not noted: they follow from others."""
    own = {field.column for field in model._meta.concrete_fields}
    return sorted({*generated(model), *_journaled[model._meta.label_lower], *own.intersection(BY_THEMSELVES)})


def _quoted(names):
    return ", ".join(f"'{name}'" for name in names)
