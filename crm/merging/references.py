"""References follow merges: what is written with the id of a merged record lands on its survivor.

A merge locks the records it puts together; whoever adds a row to one of them meanwhile waits at this trigger, which
takes the lock that the foreign key takes anyway, and finds the survivor afterwards. So no row is left behind at a
tombstone, whoever writes it and however: a service, a load, an undo, an import.
"""

from __future__ import annotations

import pgtrigger

_FIND = "SELECT merged_into_id INTO survivor FROM {table} WHERE {key} = NEW.{column} FOR KEY SHARE; "
_FOLLOW = (
    "IF NEW.{column} IS NULL THEN RETURN NEW; END IF; "
    "IF TG_OP = 'UPDATE' THEN IF NEW.{column} IS NOT DISTINCT FROM OLD.{column} THEN RETURN NEW; END IF; END IF; "
    + _FIND
    + "WHILE survivor IS NOT NULL LOOP NEW.{column} := survivor; "
    + _FIND
    + "END LOOP; RETURN NEW;"
)
_following: set[tuple[str, str]] = set()


class _Follow(pgtrigger.Trigger):
    """Puts the survivor in the place of a merged record that a new value of a foreign key names."""

    when, operation = pgtrigger.Before, pgtrigger.Insert | pgtrigger.Update
    declare = [("survivor", "bigint")]

    def __init__(self, name):
        super().__init__(name=f"follow_{name}")
        self.reference = name

    def get_func(self, model):
        field = model._meta.get_field(self.reference)
        target = field.related_model
        names = {"table": target._meta.db_table, "key": target._meta.pk.column, "column": field.column}
        return _FOLLOW.format(**{name: f'"{value}"' for name, value in names.items()})


def follows_merges(*names):
    """Class decorator: these foreign keys never name a merged record, but its survivor."""

    def register(model):
        _following.update((model._meta.label_lower, name) for name in names)
        return pgtrigger.register(*(_Follow(name) for name in names))(model)

    return register


def follows(field):
    """Whether a foreign key follows merges."""
    return (field.model._meta.label_lower, field.name) in _following
