"""Writing many new records at once: through the same gate as one, then COPY into staging, then one INSERT.

COPY alone would reach the table without the actor and the reason that history notes; the INSERT from staging is an
ordinary statement and carries them. What a form refuses, `check` refuses: it runs the record's own `standardise()`
and `clean()`. Uniqueness and references are left to the database's constraints.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime, time
from enum import Enum
from functools import lru_cache
from itertools import islice
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import connection, models, transaction
from django.db.models.base import ModelState
from psycopg import sql
from psycopg.types.json import Jsonb

from crm.records import Gated, Searchable
from crm.search_words import learn

CHUNK_ROWS = 20_000


@lru_cache
def _stored_fields(model):
    return [field for field in model._meta.concrete_fields if not field.generated]


@lru_cache
def _blank(model):
    """Return the values of a row nobody has filled in, and [(name, function)] of those that each row gets anew."""
    fields = _stored_fields(model)
    anew = [(field.attname, field.default) for field in fields if field.has_default() and callable(field.default)]
    values = {field.attname: field.get_default() for field in fields}
    return {name: value.value if isinstance(value, Enum) else value for name, value in values.items()}, anew


def fresh(model, **values):
    """Return a new row like `model(**values)`, made in a fifth of the time; `values`: fields, or rows referred to."""
    row = model.__new__(model)
    row._state = ModelState()
    filled, anew = _blank(model)
    row.__dict__.update(filled)
    row.__dict__.update(values)
    for name, make in anew:
        if name not in values:
            row.__dict__[name] = make()
    for name in _reference_names(model) & values.keys():
        row._state.fields_cache[name] = row.__dict__.pop(name)
    _refer(row)
    return row


def put(row, name, value):
    """Set a field of a row made by `fresh` or read whole; a reference to a row not yet stored is taken over later."""
    model: Any = type(row)
    if name in _reference_names(model):
        row._state.fields_cache[name] = value
        row.__dict__[f"{name}_id"] = value and value.__dict__["id"]
    else:
        row.__dict__[name] = value


def blank_of(model, name):
    """Return what stands in a field that nobody has filled in."""
    values, anew = _blank(model)
    attname = model._meta.get_field(name).attname
    return dict(anew)[attname]() if attname in dict(anew) else values[attname]


@lru_cache
def _reference_names(model):
    return frozenset(field.name for field in _stored_fields(model) if field.is_relation)


def check(row):
    """Standardise and validate a new row as its `full_clean` would, without a query. Raises ValidationError."""
    model: Any = type(row)
    if issubclass(model, Gated):
        row.standardise()
    values, findings = row.__dict__, {}
    for name, plain, longest, known, may_be_blank, field in _judged_fields(model):
        value = values[name]
        if type(value) is plain and _fits(value, longest, known, may_be_blank):
            continue
        try:
            if not (field.blank and value in field.empty_values):
                field.clean(value, row)
        except ValidationError as error:
            findings[field.name] = error.error_list
    if findings:
        raise ValidationError(findings)
    row.clean()
    row._state.checked = True


def _fits(value, longest, known, may_be_blank):
    if not (value or may_be_blank):
        return False
    return value in known if known else not longest or len(value) <= longest


@lru_cache
def _judged_fields(model):
    """Return [(name, type, longest, known, may be blank, field)] of what a form would judge.

    A value of the type that is no longer than `longest`, or among the `known` ones, needs no further look: this is
    true of nearly all, and a form's own judgement takes ten times as long. Type None: every value is looked at.
    """
    fields = [field for field in _stored_fields(model) if field.editable and not field.is_relation]
    return [(field.attname, *_plain(field), _may_be_blank(field), field) for field in fields]


def _may_be_blank(field):
    return field.blank or isinstance(field, models.BooleanField)


def _plain(field):
    if field.choices is not None:
        return str, 0, frozenset(value for value, _label in field.flatchoices if isinstance(value, str))
    only_length = all(type(validator) is MaxLengthValidator for validator in field.validators)
    if isinstance(field, models.CharField | models.TextField) and only_length and field.max_length:
        return str, field.max_length, ()
    plain = {models.BooleanField: bool, models.DateTimeField: datetime, models.DateField: date, models.TimeField: time}
    return plain.get(type(field)), 0, ()


def reserve(model, count):
    """Return `count` unused ids of a model, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(nextval(named::regclass)) FROM pg_get_serial_sequence(%s, %s) AS named,"
            " generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return cursor.fetchone()[0] or []


def number(rows):
    """Give new rows of one model their ids before they are stored, so that others can refer to them."""
    rows = [row for row in rows if row.__dict__["id"] is None]
    for row, key in zip(rows, reserve(type(rows[0]), len(rows)) if rows else (), strict=True):
        row.__dict__["id"] = key


def _refer(row):
    """Take over the ids that the rows this one refers to have got since."""
    values = row.__dict__
    for name, other in row._state.fields_cache.items():
        values[f"{name}_id"] = other and other.__dict__["id"]


def store(model, rows):
    """Write new rows of one model and return their ids in order; rows not yet checked are checked first.

    Raises ValidationError for the first row that does not pass. Memory stays at one chunk of rows.
    """
    ids, rows = [], iter(rows)
    with transaction.atomic(), connection.cursor() as cursor:
        while chunk := list(islice(rows, CHUNK_ROWS)):
            number(chunk)
            for row in chunk:
                _refer(row)
                if not getattr(row._state, "checked", False):
                    check(row)
            _insert(cursor, model, chunk)
            if issubclass(model, Searchable):
                learn({word for row in chunk for word in row.words})
            ids += [row.pk for row in chunk]
    return ids


def rewrite(model, rows, columns, sets=""):
    """Write these columns of stored rows in one statement from staging; the rows have passed `check`.

    `columns`: names of fields. `sets`: further assignments in SQL, over `row` as it stands.
    """
    if not rows:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for row in rows:
            _refer(row)
        staging = _stage(cursor, model, rows)
        names = [sql.Identifier(model._meta.get_field(name).column) for name in columns]
        written = [sql.SQL("{0} = staged.{0}").format(name) for name in names]
        statement = sql.SQL("UPDATE {table} AS row SET {written} FROM {staging} AS staged WHERE row.id = staged.id")
        statement = statement.format(
            table=sql.Identifier(model._meta.db_table),
            staging=staging,
            written=sql.SQL(", ").join([*written, *([sql.SQL(sets)] if sets else [])]),
        )
        cursor.execute(statement.as_string(connection.connection))
        if issubclass(model, Searchable):
            learn({word for row in rows for word in row.words})


def _insert(cursor, model, rows):
    staging = _stage(cursor, model, rows)
    columns = sql.SQL(", ").join(sql.Identifier(field.column) for field in _stored_fields(model))
    table = sql.Identifier(model._meta.db_table)
    insert = sql.SQL("INSERT INTO {table} ({columns}) SELECT {columns} FROM {staging}")
    cursor.execute(insert.format(table=table, columns=columns, staging=staging).as_string(connection.connection))


def _stage(cursor, model, rows):
    """Copy rows into an empty temporary table with the model's columns and no constraint; return its name."""
    table, staging = model._meta.db_table, sql.Identifier(f"staging_{model._meta.db_table}")
    create = sql.SQL("CREATE TEMP TABLE IF NOT EXISTS {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    columns = sql.SQL(", ").join(sql.Identifier(field.column) for field in _stored_fields(model))
    raw = connection.connection
    with raw.cursor() as plain:
        plain.execute(create.format(staging, columns, sql.Identifier(table)))
        plain.execute(sql.SQL("TRUNCATE {}").format(staging))
        with plain.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(staging, columns)) as copy:
            names, json_places = _attributes(model)
            for row in rows:
                values = list(map(row.__dict__.__getitem__, names))
                for place in json_places:
                    values[place] = Jsonb(values[place]) if values[place] else "{}"
                copy.write_row(values)
    return staging


@lru_cache
def _attributes(model):
    fields = _stored_fields(model)
    json_places = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    return [field.attname for field in fields], json_places


def check_references_at_once():
    """Have the database check each statement's references at its end: remembered to the commit they fill its memory."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@contextmanager
def unindexed():
    """Take the plain indexes off the tables of all records and of their history, and build them anew at the end.

    For filling empty tables, inside a transaction: it locks them, and is twice as fast from some 20,000 rows on.
    """
    check_references_at_once()
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN_INDEXES, [[model._meta.db_table for model in _kept_models()]])
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)


_PLAIN_INDEXES = """
SELECT index.indexrelid::regclass::text, pg_get_indexdef(index.indexrelid)
FROM pg_index AS index JOIN pg_class AS relation ON relation.oid = index.indrelid
WHERE relation.relname = ANY(%s) AND pg_table_is_visible(relation.oid) AND NOT index.indisunique
ORDER BY index.indrelid, index.indexrelid
"""


def analyze():
    """Let the planner know how large the tables of all records have become."""
    tables = [model._meta.db_table for model in _kept_models()]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE " + ", ".join(map(connection.ops.quote_name, tables)))


def _kept_models():
    """Return the models of records, of their parts and of their history."""
    return [model for model in apps.get_models() if issubclass(getattr(model, "pgh_tracked_model", model), Gated)]
