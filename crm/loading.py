"""Writing many new records at once: through the same gate as one, then COPY into staging, then one INSERT.

COPY alone would reach the table without the actor and the reason that history notes; the INSERT from staging is an
ordinary statement and carries them. What a form refuses, `check` refuses: it runs the record's own `standardise()`
and `clean()`. Uniqueness and references are left to the database's constraints.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from psycopg import sql
from psycopg.types.json import Jsonb

CHUNK_ROWS = 20_000


@lru_cache
def _stored_fields(model):
    return [field for field in model._meta.concrete_fields if not field.generated]


@lru_cache
def _judged_fields(model):
    return [field for field in _stored_fields(model) if field.editable and not field.is_relation]


def check(row):
    """Standardise and validate a new row as its `full_clean` would, without a query. Raises ValidationError."""
    row.standardise()
    findings = {}
    for field in _judged_fields(type(row)):
        value = row.__dict__[field.attname]
        if not (field.blank and value in field.empty_values):
            try:
                _judge(field, value, row)
            except ValidationError as error:
                findings[field.name] = error.error_list
    if findings:
        raise ValidationError(findings)
    row.clean()
    row._state.checked = True


def _judge(field, value, row):
    if field.choices is None:
        field.clean(value, row)
    else:
        _judge_choice(field, value)


@lru_cache(maxsize=4096)
def _judge_choice(field, value):
    field.clean(value, None)


def reserve(model, count):
    """Return `count` unused ids of a model, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [number for (number,) in cursor.fetchall()]


def number(rows):
    """Give new rows of one model their ids before they are stored, so that others can refer to them."""
    rows = [row for row in rows if row.pk is None]
    for row, key in zip(rows, reserve(type(rows[0]), len(rows)) if rows else (), strict=True):
        row.pk = key


@lru_cache
def _reference_fields(model):
    return [field for field in _stored_fields(model) if field.is_relation]


def _refer(row):
    """Take over the ids that the rows this one refers to have got since."""
    cached = row._state.fields_cache
    for field in _reference_fields(type(row)) if cached else ():
        if cached.get(field.name) is not None:
            row.__dict__[field.attname] = cached[field.name].pk


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
            ids += [row.pk for row in chunk]
    return ids


def _insert(cursor, model, rows):
    staging = _stage(cursor, model, rows)
    columns = sql.SQL(", ").join(sql.Identifier(field.column) for field in _stored_fields(model))
    table = sql.Identifier(model._meta.db_table)
    insert = sql.SQL("INSERT INTO {table} ({columns}) SELECT {columns} FROM {staging}")
    cursor.execute(insert.format(table=table, columns=columns, staging=staging).as_string(connection.connection))


def _stage(cursor, model, rows):
    """Copy rows into an empty temporary table with the model's columns and no constraint; return its name."""
    table, staging = model._meta.db_table, sql.Identifier(f"staging_{model._meta.db_table}")
    create = sql.SQL("CREATE TEMP TABLE IF NOT EXISTS {} AS SELECT {} FROM {} WITH NO DATA")
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
                    values[place] = Jsonb(values[place])
                copy.write_row(values)
    return staging


@lru_cache
def _attributes(model):
    fields = _stored_fields(model)
    json_places = [place for place, field in enumerate(fields) if isinstance(field, models.JSONField)]
    return [field.attname for field in fields], json_places


def learn_words():
    """Bring the vocabulary of misspelt search up to date after a load, from the records themselves."""
    from crm.records import Searchable

    with connection.cursor() as cursor:
        for model in _tables_of(Searchable):
            cursor.execute(
                "INSERT INTO crm_searchword (word) SELECT DISTINCT word FROM"
                f" (SELECT unnest(words) AS word FROM {connection.ops.quote_name(model._meta.db_table)}) AS found"
                " WHERE word !~ '^[0-9]+$' ORDER BY word ON CONFLICT DO NOTHING"
            )


def _tables_of(base):
    from django.apps import apps

    return [model for model in apps.get_models() if issubclass(model, base)]


def analyze(*tables):
    """Let the planner know how large the tables have become."""
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
