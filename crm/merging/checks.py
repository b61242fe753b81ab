"""System checks: no table is forgotten when records are merged."""

from __future__ import annotations

from django.core.checks import Error, Tags, register

from crm.merging.references import follows
from crm.merging.registry import collision_of, declared, mergeables
from crm.merging.relations import named_by_kind, relations_of, unique_over
from crm.undo.journal import is_journaled


@register(Tags.models)
def merges_are_whole(app_configs, **_kwargs):
    """Every table that names a record that can be merged says what becomes of it, and can be undone."""
    found = [*_undeclared(), *(one for made in mergeables() for one in _of_kind(made))]
    return list({(error.id, error.msg): error for error in found}.values())


def _undeclared():
    for model, column in named_by_kind():
        if declared(model, column) is None:
            hint = "merging.reference(model, column, how=..., because=...) in the app's merging.py"
            yield Error(
                f"{model._meta.label}.{column} names records; a merge has no rule for it", hint=hint, id="crm.E003"
            )
        elif declared(model, column).move and not is_journaled(model):
            yield Error(f"{model._meta.label} is moved by merges and not journaled", hint="@journaled()", id="crm.E005")


def _of_kind(made):
    if not is_journaled(made.model):
        yield Error(f"{made.model._meta.label} is merged and not journaled", hint="@journaled()", id="crm.E005")
    for relation in relations_of(made.model):
        yield from _of_relation(made, relation)


def _of_relation(made, relation):
    rule = collision_of(relation.model)
    covered = {*(rule.covers if rule else ()), *(name for one in made.reached for name in one.covers(relation))}
    for name in unique_over(relation):
        if name not in covered:
            hint = "merging.collision(model, same, covers=...) in the app's merging.py"
            yield Error(f"{relation}: merged records may collide in {name}; there is no rule", hint=hint, id="crm.E004")
    if not is_journaled(relation.model):
        yield Error(
            f"{relation.model._meta.label} is moved by merges and not journaled", hint="@journaled()", id="crm.E005"
        )
    if not follows(relation.field):
        hint = "@follows_merges(...) above the model"
        yield Error(f"{relation}: a row added during a merge could stay at the tombstone", hint=hint, id="crm.E006")
