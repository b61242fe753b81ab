"""Writing what was planned: new records and parts by COPY through staging, changed ones by one statement a table."""

from __future__ import annotations

from collections import defaultdict

from crm import duplicates, events, loading
from crm.importing import numbers

TOUCHED = "version = row.version + 1, updated_at = now()"


def write(planner):
    """Write the records of a planner's last plan, then what follows; set the records of its rows.

    The caller has opened the transaction, the act and the history's actor.
    """
    new = [whole for whole in planner.wholes if whole.is_new]
    changed = [whole for whole in planner.wholes if not whole.is_new and whole.is_changed]
    planner.write_first(new + changed)
    _add(planner, new)
    _change(planner, changed)
    _write_parts(planner, new + changed)
    numbers.keep(planner)
    for whole in planner.wholes:
        for row in whole.rows:
            row.record = whole.record.pk
    _follow(planner, new, changed)
    planner.write_last(new + changed)


def _add(planner, wholes):
    for whole in wholes:
        values = whole.record.__dict__
        values["created_by_id"] = values["updated_by_id"] = planner.user.pk
    loading.store(planner.model, [whole.record for whole in wholes])


def _change(planner, wholes):
    model = planner.model
    columns = {name for whole in wholes for name in whole.changed}
    for whole in wholes:
        whole.record.__dict__["updated_by_id"] = planner.user.pk
    named = {field.name for field in model._meta.concrete_fields}
    columns |= {*planner.following, "typed", "sort_name", "words", "updated_by"} & named
    loading.rewrite(model, [whole.record for whole in wholes], sorted(columns), TOUCHED)


def _write_parts(planner, wholes):
    name = planner.model._meta.model_name
    added, changed = defaultdict(list), defaultdict(list)
    for whole in wholes:
        for part in whole.new_parts:
            loading.put(part, name, whole.record)
            added[type(part)].append(part)
        for part in whole.changed_parts:
            changed[type(part)].append(part)
    for model, rows in added.items():
        loading.store(model, rows)
    for model, rows in changed.items():
        editable = [field.name for field in model._meta.concrete_fields if field.editable and not field.primary_key]
        loading.rewrite(model, rows, editable)


def _follow(planner, new, changed):
    kind, user = planner.importable.kind, planner.user
    made, moved = [one.record.pk for one in new], [one.record.pk for one in changed]
    duplicates.keep(planner.model, made + moved, in_turn=False)
    for verb, ids in (("created", made), ("changed", moved)):
        if ids:
            events.note_many(f"{kind}.{verb}", ids, by=user)
    given = defaultdict(list)
    for whole in new if planner.tells_owners else ():
        if whole.record.owner_id and whole.record.owner_id != user.pk:
            given[whole.record.owner_id].append(whole.record.pk)
    for owner, ids in given.items():
        events.note_many(f"{kind}.assigned", ids, by=user, owner=owner)
