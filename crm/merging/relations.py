"""What belongs to a kind of record, found from the model registry: no table can be forgotten."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from crm.records import Part, Record

_NAMES_A_RECORD = re.compile(r"(^|_)(record|row|about|object)(_id)?$|^(left|right)$")
_NAMES_A_KIND = re.compile(r"(^|_)kind$")


@dataclass(frozen=True)
class Relation:
    """A foreign key to a kind of record, one to one and through tables too."""

    model: Any
    field: Any

    @property
    def column(self):
        return self.field.attname

    def rows(self, ids):
        """Return the rows that name any of these records, whoever may see them."""
        return every(self.model).filter(**{f"{self.column}__in": ids})

    def __str__(self):
        return f"{self.model._meta.label_lower}.{self.field.name}"


def every(model):
    """Return all rows of a table, those in the trash and the private ones, too."""
    if issubclass(model, Record | Part):
        return model.objects.unscoped(because="what belongs to records that are merged goes with them, seen or not")
    return model._default_manager.all()


def relations_of(model):
    """Return the Relations to a kind of record, but for the tombstones' own and its history."""
    return [
        Relation(other, field)
        for other in _tables()
        for field in other._meta.concrete_fields
        if field.is_relation and field.related_model is model and field.name != "merged_into"
    ]


def named_by_kind():
    """Return [(model, column)] of all tables that know records by kind and id."""
    found = []
    for model in _tables():
        plain = [field for field in model._meta.concrete_fields if not field.is_relation]
        if any(_NAMES_A_KIND.search(field.name) for field in plain):
            numbers = [field for field in plain if isinstance(field, models.IntegerField) and not field.primary_key]
            found += [(model, field.name) for field in numbers if _NAMES_A_RECORD.search(field.name)]
    return found


def unique_over(relation):
    """Return the names of the unique constraints of a table that a moved foreign key is part of."""
    meta, name = relation.model._meta, relation.field.name
    found = [one.name for one in meta.constraints if isinstance(one, models.UniqueConstraint) and name in _fields(one)]
    found += ["+".join(some) for some in meta.unique_together if name in some]
    return found + ([name] if relation.field.unique else [])


def _fields(constraint):
    """Return the names of the fields a unique constraint is over."""
    found = set(constraint.fields)
    for expression in constraint.expressions:
        found |= {one.name for one in expression.flatten() if isinstance(one, models.F)}
    return found


def _tables():
    """Return the models that have a table of their own and are no history."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and not hasattr(model, "pgh_tracked_model")
    ]
