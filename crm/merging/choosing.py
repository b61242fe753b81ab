"""Which record stays, and which values: what was picked, else what is proposed, else what the survivor has."""

from __future__ import annotations

from crm.access import access_of
from crm.merging.proposing import Side
from crm.merging.registry import Reached


def survivor_of(records):
    """Return the record whose id stays: the one made first."""
    return min(records, key=lambda record: (record.created_at, record.pk))


def is_fixed(field, model, user):
    """Whether a user may not pick a field: it is hidden from them, or read-only."""
    return not access_of(user).fixed(model._meta.label_lower).isdisjoint(field.rights_names)


def chosen(made, records, picks, by):
    """Return {key of a field: the record, or the part, whose value is kept}; None where there is no such part.

    `records`: the survivor first. Where the user may not pick, the survivor's value stays unless it has none.
    """
    by_id = {record.pk: place for place, record in enumerate(records)}
    parts = {one.key: primaries(one, records) for one in made.reached}
    found = {}
    for field in made.fields:
        sides = sides_of(field, records, parts.get(field.key, {}))
        if is_fixed(field, made.model, by):
            place = next((place for place, side in enumerate(sides) if side.text), 0)
        elif picks.get(field.key) in by_id:
            place = by_id[picks[field.key]]
        else:
            place = field.propose(sides).place
        found[field.key] = _kept(field, sides[place])
    return found


def _kept(field, side):
    return side.value if isinstance(field, Reached) else side.record


def primaries(reached, records):
    """Return {id of a record: its primary part of a sort}."""
    whole = f"{records[0]._meta.model_name}_id"
    rows = reached.part.objects.of(*records).order_by("is_primary", "-pk")
    return {getattr(part, whole): part for part in rows}


def sides_of(field, records, parts, *, names=None, since=None):
    """Return a Side for each record.

    `parts`: {id: primary part}. `names`: {column: {id: name}} of related records that the reader sees. `since`:
    {(id, column): when it was set}.
    """
    return [_side(field, record, parts, names or {}, since or {}) for record in records]


def _side(field, record, parts, names, since):
    if isinstance(field, Reached):
        part = parts.get(record.pk)
        return Side(record, part, str(part) if part else "", record.created_at)
    values = tuple(getattr(record, record._meta.get_field(column).attname) for column in field.columns)
    text = field.shown(record) if field.shown else _in_words(field, record, values, names)
    set_at = max(since.get((record.pk, column), record.created_at) for column in field.columns)
    return Side(record, values[0] if len(values) == 1 else values, text, set_at)


def _in_words(field, record, values, names):
    column = record._meta.get_field(field.columns[0])
    value = values[0]
    if value in (None, ""):
        return ""
    if column.is_relation:
        return names.get(column.name, {}).get(value, f"#{value}")
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    return str(value)
