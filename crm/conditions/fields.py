"""What can be asked of each kind of record: fields and relations that the apps register, and providers that give
more at run time (custom fields)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Exists, F, Q

from crm.conditions.kinds import Kind, Operator

ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+){2,5}")


@dataclass(frozen=True)
class Field:
    """One value of a record that conditions ask by.

    `id`: "contacts.person.family_name", the key under which rules are stored; it is never used for anything else.
    `label`: in small letters. `expression`: a column's name, an expression over the record, or a function of the
    asker that gives one; without it the column the id ends with. `nothing`: what stands for none where the expression
    is never NULL.
    `tells`: the names under which the rights on fields speak of it. `among(asker)`: where the value stands in rows that
    belong to the record, those rows, tied to it by OuterRef; the condition then asks whether any of them fits.
    """

    id: str
    label: Any
    kind: Kind
    expression: Any = None
    nothing: Any = None
    tells: tuple[str, ...] | None = None
    among: Callable | None = None

    @property
    def told(self):
        return (self.id.rpartition(".")[2],) if self.tells is None else self.tells

    @property
    def operators(self) -> dict[str, Operator]:
        return self.kind.operators

    def condition(self, op, value, asker):
        """Return the Q of an operator over a value in its one form; true or false for every record."""
        if opposite := self.operators[op].negates:
            return ~self.condition(opposite, value, asker)
        given = self.expression(asker) if callable(self.expression) else self.expression
        expression = given if hasattr(given, "resolve_expression") else F(given or self.id.rpartition(".")[2])
        found = self.kind.condition(op, value, expression, asker, self.nothing)
        return Q(Exists(self.among(asker).filter(found))) if self.among else found


@dataclass(frozen=True)
class Relation:
    """Records (or visits, or orders) that belong to a record and can be counted.

    `to`: the kind of record counted, by whose fields the inner conditions ask. `rows(asker)`: a queryset of what the
    asker may see, tied to the record by OuterRef: of that kind itself, or, with `through`, of rows that lead to it by
    this foreign key and come once for each. `records(asker)`: with `through`, the records the asker may see.
    `date`: the rows' column that "in the last days" looks at. `one`, `many`: what they are called. `tells`,
    `tells_there`: the names under which the rights on fields speak of it, of the record's kind and of the other's.
    """

    id: str
    label: Any
    to: str
    one: Any
    many: Any
    rows: Callable
    date: str = ""
    through: str = ""
    records: Callable | None = None
    tells: tuple[str, ...] = ()
    tells_there: tuple[str, ...] = ()

    @property
    def told(self):
        return self.tells


_fields: dict[str, dict[str, Field]] = {}
_relations: dict[str, dict[str, Relation]] = {}
_providers: dict[str, list[Callable]] = {}


def register(kind, *fields):
    """Make fields of a kind of record known. Raises ValueError for an id that is taken or no id."""
    _add(_fields.setdefault(kind, {}), kind, fields)


def relate(kind, *relations):
    """Make relations of a kind of record known, as `register` does."""
    _add(_relations.setdefault(kind, {}), kind, relations)


def _add(known, kind, found):
    for one in found:
        if not ID.fullmatch(one.id) or not one.id.startswith(f"{kind}.") or one.id in known:
            raise ValueError(f"{one.id}: taken, or no id of something of {kind}")
        known[one.id] = one


def provider(kind, give):
    """Let `give()` add fields of a kind at run time: an iterable of Field. It is asked whenever fields are."""
    _providers.setdefault(kind, []).append(give)


def kinds():
    """Return the kinds of record that can be asked about."""
    return sorted({*_fields, *_providers})


def fields_of(kind):
    """Return {id: Field} of all fields of a kind, those of providers after the others."""
    given = (field for give in _providers.get(kind, ()) for field in give())
    return {**_fields.get(kind, {}), **{field.id: field for field in given}}


def relations_of(kind):
    """Return {id: Relation} of a kind."""
    return dict(_relations.get(kind, {}))


def may_ask(field, kind, asker):
    """Whether the asker may ask by a field or relation of a kind: nothing it tells is hidden from them."""
    if isinstance(field, Relation):
        seen = asker.access.may(field.to, "view") and asker.access.hidden(field.to).isdisjoint(field.tells_there)
        return seen and asker.access.hidden(kind).isdisjoint(field.told)
    return asker.access.hidden(kind).isdisjoint(field.told)


def model_of(kind):
    return apps.get_model(kind)
