"""Deciding the fate of rows: each is folded into the record it is about, in the order of the file."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm import loading, standards
from crm.importing import uniting
from crm.importing.drafts import Whole
from crm.importing.numbers import NUMBER_ELSEWHERE
from crm.importing.options import CREATE, OURS, SKIP, UPDATE
from crm.importing.rows import ImportRow

Fate = ImportRow.Fate
WRITTEN_OR_SAME = (*ImportRow.WRITTEN, Fate.SAME)


def fold(planner, drafts, there):
    """Set fate, record and findings of rows of one group. `there`: {id: Whole} of records the user may change."""
    made: dict[str, list[Whole]] = defaultdict(list)
    for draft in drafts:
        _settle(planner, draft, there, made)


def _settle(planner, draft, there, made):
    """Set the fate of one row and fold it in."""
    row = draft.row
    row.record, row.found = None, {}
    whole = _whole(planner, draft, there, made) if draft.is_ready else None
    if whole is not None and whole.is_new and not whole.rows:
        row.fate = _begin(planner, draft, whole)
    elif whole is not None:
        row.fate = _add(planner, draft, whole)
    if draft.bad:
        row.fate = Fate.BAD
    elif draft.reason and row.fate not in (Fate.SKIPPED, Fate.SAME):
        row.fate = Fate.REFUSED
    if whole is not None and row.fate in WRITTEN_OR_SAME:
        if draft.merges or (whole.is_new and not whole.rows):
            _know(planner, draft, whole, made)
        whole.rows.append(row)
        row.record = whole.record.pk
    _tell(draft)


def _whole(planner, draft, there, made):
    """Return the Whole a row is about: one there, one that an earlier row of the file makes, or a new one."""
    if draft.target:
        whole = there.get(draft.target)
        if whole is None:
            draft.reason = _("It is there, and not yours to change.")
        elif planner.options.get("mode") == CREATE and not whole.is_new:
            draft.row.fate, draft.reason = Fate.SKIPPED, _("It is there already.")
            return None
        return whole
    for name, text in planner.identities(draft):
        for whole in made[f"{name}:{text}"]:
            if planner.fits(draft, [getattr(whole.record, column) for column in planner.telling]):
                return whole
    return _new(planner, draft)


def _new(planner, draft):
    if planner.options.get("mode") == UPDATE:
        draft.row.fate, draft.reason = Fate.SKIPPED, _("There is no such record.")
    elif not planner.access.may(planner.importable.kind, "create"):
        draft.reason = _("You may not add records of this kind.")
    elif draft.double and planner.options.get("doubles") == SKIP:
        draft.row.fate, draft.reason = Fate.SKIPPED, _("It may be one that is there.")
    else:
        return Whole(loading.fresh(planner.model, **planner.first_values()), [], True)
    return None


def _know(planner, draft, whole, made):
    """Let further rows of the file find the record by what a row has made known of it."""
    for name, text in planner.known_by(draft):
        made[f"{name}:{text}"].append(whole)


def _begin(planner, draft, whole):
    """Fill a new record; return the fate of the row."""
    for name, value in draft.values.items():
        planner.set(whole.record, name, value)
    if not _passes(planner, draft, whole.record, draft.values):
        return Fate.REFUSED
    planner.fold_parts(whole, draft)
    _number(planner, draft, whole)
    planner.follow(whole)
    planner.wholes.append(whole)
    return Fate.DOUBLE if draft.double else Fate.NEW


def _add(planner, draft, whole):
    """Change a record by what a row says; return the fate of the row."""
    record, before = whole.record, dict(whole.record.__dict__)
    wanted = dict(_wanted(planner, draft, whole))
    for name, value in wanted.items():
        planner.set(record, name, value)
    adding, record._state.adding = record._state.adding, True  # its parts are at hand: nothing is asked for them
    try:
        passes = _passes(planner, draft, record, wanted)
    finally:
        record._state.adding = adding
    if not passes:
        record.__dict__.clear()
        record.__dict__.update(before)
        return Fate.REFUSED
    changed = {name for name in draft.values.keys() | draft.cleared if not _same(before, record.__dict__, name)}
    number = len(changed) + planner.fold_parts(whole, draft) + _number(planner, draft, whole)
    whole.changed |= changed
    planner.follow(whole)
    draft.row.found["fields"] = number
    if not number:
        return Fate.SAME
    return Fate.MERGE if draft.merges else Fate.UPDATE


def _number(planner, draft, whole):
    """Note the number that a record has in the other program; return 1 if it is new, else 0."""
    text = draft.text(NUMBER_ELSEWHERE)
    if not (text and planner.source) or text in whole.numbers:
        return 0
    if whole.record.pk in planner.numbered.get(text, ()):
        return 0
    whole.numbers.add(text)
    return 1


def _wanted(planner, draft, whole):
    """Yield (field, value) of what is to be set in a record that is there."""
    if draft.merges:
        yield from uniting.wanted(planner, draft, whole)
        return
    for name, value in draft.values.items():
        if name in whole.fixed or name in planner.only_new:
            continue
        there = whole.record.__dict__.get(attname(planner.model, name))
        if name in planner.united:
            yield name, [*there, *(one for one in value if one not in there)]
        elif not there or not (name in planner.only_empty or planner.options.get("where_both") == OURS):
            yield name, value
    if planner.options.get("clear") and not whole.is_new:
        for name in draft.cleared:
            if name not in whole.fixed and name not in planner.only_new:
                yield name, loading.blank_of(planner.model, name)


def _passes(planner, draft, record, names):
    """Put a record through the gate of which a row has set these fields; what is refused stands at its place."""
    places = draft.places
    try:
        loading.check(record)
    except ValidationError as error:
        for name, errors in getattr(error, "error_dict", {"": [error]}).items():
            said = " ".join(ValidationError(errors).messages)
            if name in places:
                draft.refuse(places[name], said)
            else:
                draft.reason = said
        return False
    for name, place in places.items():
        standard = record.__dict__.get(name)
        if isinstance(standard, str) and name in planner.righted and name in names:
            text = dict(draft.texts.get(name, ())).get(place)
            if text is not None and standards.line(text) != standard:
                draft.was[place] = standard
    return True


def _tell(draft):
    """Note at the row what was found."""
    told: dict[str, Any] = {"bad": draft.bad, "was": draft.was, "hints": draft.hints, "reason": draft.reason}
    taken = draft.merges or (draft.double is not None and draft.target == draft.double[0])
    if draft.double and (taken or draft.row.fate in (Fate.DOUBLE, Fate.SKIPPED)):
        told["double"], told["percent"], told["name"] = draft.double[0], int(draft.double[1] * 100), draft.double[2]
    draft.row.found |= {name: value for name, value in told.items() if value}


def attname(model, name):
    return model._meta.get_field(name).attname


def _same(before, after, name):
    for key in (name, f"{name}_id"):
        if key in before or key in after:
            return before.get(key) == after.get(key)
    return True
