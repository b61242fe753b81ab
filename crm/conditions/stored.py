"""Values that stand in a JSON column by the id of their field, as typed expressions.

Whatever else stands there (another type, a broken date) reads as none: a cast is tried only on what it takes.
"""

from __future__ import annotations

from django.db.models import BooleanField, DateField, DecimalField, F, Func, TextField, Value

DAYS = (
    r"^((19|20|21)[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-8]))|((19|20|21)(0[48]|[2468][048]|[13579][26])|2000)-02-29)$"
)
"""Every day from 1900 to 2199, and nothing else."""


class _Typed(Func):
    """One value of a JSON column if it has the type wanted, else NULL, or `nothing`."""

    type, cast, also, nothing = "", "", "", "NULL"
    arity = 2

    def as_sql(self, compiler, connection, **extra):  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        key, more = compiler.compile(self.source_expressions[1])
        value, text = f"({column} -> {key})", f"({column} ->> {key})"
        check = f"jsonb_typeof{value} = '{self.type}'"
        found = [*params, *more]
        values = [*found, *found]
        if self.also:
            check, values = f"{check} AND {text} ~ %s", [*found, *found, self.also, *found]
        return f"(CASE WHEN {check} THEN {text}{self.cast} ELSE {self.nothing} END)", values


class _Text(_Typed):
    type, nothing, output_field = "string", "''", TextField()


class _Number(_Typed):
    type, cast, output_field = "number", "::numeric", DecimalField()


class _Day(_Typed):
    type, cast, also, output_field = "string", "::date", DAYS, DateField()


class _Flag(_Typed):
    type, cast, output_field = "boolean", "::boolean", BooleanField()


def _key(field_id):
    return Value(str(field_id), output_field=TextField())


def text(column, field_id):
    """Return an expression: the text under an id, "" for none."""
    return _Text(F(column), _key(field_id))


def number(column, field_id):
    """Return an expression: the number under an id, or NULL."""
    return _Number(F(column), _key(field_id))


def day(column, field_id):
    """Return an expression: the day under an id ("2026-11-21"), or NULL."""
    return _Day(F(column), _key(field_id))


def flag(column, field_id):
    """Return an expression: true, false, or NULL."""
    return _Flag(F(column), _key(field_id))
