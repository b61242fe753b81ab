"""Merging a row with a record there: what both know is kept, and of two values the one that merging proposes."""

from __future__ import annotations

from contextlib import suppress

from django.core.exceptions import ValidationError

from crm import loading, merging
from crm.merging import choosing


def wanted(planner, draft, whole):
    """Yield (field, value) of what a record gets from a row that is merged with it.

    Fields are chosen as on the screen of merges, the row as a record of this moment; owner and source stay, lists and
    texts are united. A field that the user may not set stays as it is.
    """
    made = merging.mergeable(planner.model)
    other = _as_record(planner, draft)
    kept = whole.record
    united = {one.column: one.unite for one in made.united}
    free = [name for name in draft.values if name not in whole.fixed and name not in planner.only_new]
    chosen = _chosen([one for one in made.picked if not set(free).isdisjoint(one.columns)], kept, other, planner.user)
    for name in free:
        there = kept.__dict__.get(kept._meta.get_field(name).attname)
        if name in united:
            yield name, _united(united[name], there, draft.values[name])
        elif not there or name in chosen:
            yield name, draft.values[name]


def _as_record(planner, draft):
    """Return what the row says as a record of its own, standardised as far as it passes; it is never stored."""
    other = loading.fresh(planner.model, **planner.first_values())
    for name, value in draft.values.items():
        planner.set(other, name, value)
    with suppress(ValidationError):  # the record itself is put through the gate, and says so at the cells
        loading.check(other)
    return other


def _chosen(fields, kept, other, user):
    """Return the names of the fields for which merging proposes what the row says."""
    found: set[str] = set()
    for field in fields:
        sides = choosing.sides_of(field, [kept, other], {})
        if not choosing.is_fixed(field, type(kept), user) and sides[1].text and field.propose(sides).place == 1:
            found.update(field.columns)
    return found


def _united(unite, there, value):
    """Return both, each once: what is there holds what came with an earlier file."""
    if isinstance(there, str) and value and value.strip() in there:
        return there
    return unite([there, value])
