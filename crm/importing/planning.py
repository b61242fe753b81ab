"""The fate of rows: read, recognised, compared and put through the gate, some at a time, without writing anything.

The dry run and the run call the same `Planner.plan`; what the run writes is what was planned (crm.importing.writing).
Rows of a file that may be about one record stand in one group and are folded in their order, so that the second finds
what the first has made of the record.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz import fuzz

from crm import duplicates, loading, standards
from crm.access import access_of
from crm.choices import assignable
from crm.importing.kinds import of_kind
from crm.importing.rows import ImportRow
from crm.tombstones import living_of

Fate = ImportRow.Fate
_SAVED_FORMULA = re.compile(r"'[=+\-@|%\t]")
"""The apostrophe that files of ours put before what a spreadsheet would take for a formula."""
SAME_NAME = 55  # token set ratio: "Anna Jones" and "Anna Miller" have 57, "Bob Smith" and "Anna Jones" 32
CERTAIN = 0.9  # probability from which "update" takes a likely double for the record itself
BOTH, CREATE, UPDATE = "both", "create", "update"
MODES = {
    BOTH: gettext_lazy("Add new ones, update those there"),
    CREATE: gettext_lazy("Only add new ones"),
    UPDATE: gettext_lazy("Only update those there"),
}
ASK, SKIP, TAKE = "ask", "skip", "update"
DOUBLES = {
    ASK: gettext_lazy("Add them, and ask on the page of duplicates"),
    SKIP: gettext_lazy("Leave them out"),
    TAKE: gettext_lazy("Update the record if it is nearly certain, else add and ask"),
}
FILE, OURS = "file", "ours"
WHERE_BOTH = {
    FILE: gettext_lazy("Take what the file says"),
    OURS: gettext_lazy("Keep what is here, fill what is empty"),
}
DAYS = {"dmy": gettext_lazy("31/12/2026: the day first"), "mdy": gettext_lazy("12/31/2026: the month first")}


@dataclass
class Draft:
    """A row as it is read. `values`: {field: value}, `places`: {field: the column of the file it comes from}.

    `parts`: rows of parts that have passed the gate. `bad`, `was`, `hints`: {place: words}.
    """

    row: ImportRow
    texts: dict[str, list[tuple[int, str]]]
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    parts: list = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    bad: dict[int, str] = field(default_factory=dict)
    was: dict[int, str] = field(default_factory=dict)
    hints: dict[int, str] = field(default_factory=dict)
    name: str = ""
    employer: Any = None
    target: int | None = None
    reason: str = ""
    double: tuple[int, float, str] | None = None

    def text(self, key):
        """Return what stands in the column of a key, "" if none is mapped or it is empty."""
        return self.texts[key][0][1] if key in self.texts else ""

    def refuse(self, place, why):
        self.bad.setdefault(place, str(why))


@dataclass
class Whole:
    """A record with its parts, as it stands after the rows folded in so far."""

    record: Any
    parts: list
    is_new: bool
    fixed: frozenset[str] = frozenset()
    changed: set[str] = field(default_factory=set)
    new_parts: list = field(default_factory=list)
    changed_parts: list = field(default_factory=list)
    rows: list[ImportRow] = field(default_factory=list)

    @property
    def is_changed(self):
        return bool(self.changed or self.new_parts or self.changed_parts)


class Planner:
    """Plans the rows of one import. `writes`: records that will be changed are locked, in the order of their ids.
    `only`: keys of the columns that are read, all without it.

    Subclasses say how a kind is read: `draft`, `identities`, `looked_up`, `compared`, `fold_parts`, `parts_of`,
    `follow`, and perhaps `prepare`.
    """

    model: Any = None

    def __init__(self, asked, *, writes=False, only=None):
        self.asked, self.user, self.writes = asked, asked.user, writes
        self.importable = of_kind(asked.kind)
        self.access = access_of(self.user)
        self.options = asked.options
        self.allowed = {column.key: column for column in self.importable.open_to(self.user)}
        wanted = self.allowed.keys() if only is None else self.allowed.keys() & set(only)
        self.columns = [(place, key) for place, key in enumerate(asked.mapping) if key in wanted]
        self.fixed = self.access.fixed(asked.kind)
        self.wholes: list[Whole] = []
        self.owner = self._owner()

    def _owner(self):
        """Return who new records are for: whoever was chosen, if they may be given any, else who imports."""
        wanted = self.options.get("owner") or self.user.pk
        return assignable(self.user, self.model).filter(pk=wanted).first() or self.user

    # Reading

    def read(self, rows):
        """Return the Draft of every row."""
        return [self._read(row) for row in rows]

    def _read(self, row):
        texts: dict[str, list[tuple[int, str]]] = {}
        for place, key in self.columns:
            text = row.cells[place].strip() if place < len(row.cells) else ""
            if _SAVED_FORMULA.match(text):
                text = text[1:]
            if text:
                texts.setdefault(key, []).append((place, text))
        draft = Draft(row, texts)
        if len(row.cells) > len(self.asked.header):
            draft.reason = _("This row has more cells than the file has columns.")
        self.draft(draft)
        return draft

    def draft(self, draft):
        """Read the texts of a row into values and parts; what cannot be read is refused at its place."""
        raise NotImplementedError

    def identities(self, draft):
        """Yield (name of a key, text): rows and records that have one in common may be the same."""
        raise NotImplementedError

    known_columns: tuple[str, ...] = ()
    """Keys of the columns from which `keys` are told."""

    def keys(self, draft):
        """Return the texts by which rows of the file are put together, before what they refer to is looked up.

        Two rows of which one could find the record that the other makes have one in common.
        """
        raise NotImplementedError

    def known_by(self, draft):
        """Yield (name of a key, text) by which the record that a row makes is found from then on."""
        return self.identities(draft)

    telling: tuple[str, ...] = ("sort_name",)
    """Columns of a record that speak against its being the one a row is about."""

    def fits(self, draft, told):
        """Whether a row can be about a record, given the values of its `telling` columns."""
        return is_alike(draft.name, told[0])

    def prepare(self, drafts):
        """Look up what rows refer to."""

    def write_first(self, wholes):
        """Write what is new among that to which these records refer."""

    # The whole way

    def plan(self, rows):
        """Set fate, record and findings of rows that are whole groups in the order of (leader, number)."""
        self.wholes = []
        drafts = self.read(rows)
        self.prepare(drafts)
        ready = [draft for draft in drafts if not (draft.bad or draft.reason)]
        self._recognise(ready)
        self._compare([draft for draft in ready if draft.target is None and not draft.reason])
        there = self._there({draft.target for draft in ready if draft.target})
        groups: dict[int, list[Draft]] = defaultdict(list)
        for draft in drafts:
            groups[draft.row.leader].append(draft)
        for group in groups.values():
            self._fold(group, there)
        self.wholes += [whole for whole in there.values() if whole.rows]
        return drafts

    # Recognising

    def _recognise(self, drafts):
        """Set the target of each draft that is about a record there, or why it cannot be said which."""
        asked: dict[str, set[str]] = defaultdict(set)
        for draft in drafts:
            for name, text in self.identities(draft):
                asked[name].add(text)
        found = {name: self.looked_up(name, texts) for name, texts in asked.items()}
        ids = {pk for by_text in found.values() for some in by_text.values() for pk in some}
        moved = {pk: now for pk, now in living_of(self.model, ids).items() if pk != now}
        rows = self.model.objects.visible_to(self.user).filter(pk__in={moved.get(pk, pk) for pk in ids})
        told = {pk: values for pk, *values in rows.values_list("pk", *self.telling)} if ids else {}
        for draft in drafts:
            self._choose(draft, found, moved, told)

    def _choose(self, draft, found, moved, told):
        for name, text in self.identities(draft):
            there = sorted({moved.get(pk, pk) for pk in found[name].get(text, ())} & told.keys())
            if name == "id":
                draft.target = there[0] if there else None
                draft.reason = "" if there else _("There is no record of this number.")
                return
            same = [pk for pk in there if draft.name and told[pk][0] == draft.name]
            chosen = [pk for pk in same or there if self.fits(draft, told[pk])]
            if len(chosen) == 1:
                draft.target = chosen[0]
                return
            if chosen:
                draft.reason = _("%(number)d records have this in common with it: %(what)s.") % {
                    "number": len(chosen),
                    "what": text.partition("\n")[0],
                }
                return

    def looked_up(self, name, texts):
        """Return {text: ids of records, whoever may see them} for the texts of one key."""
        raise NotImplementedError

    # Comparing with those that are there

    def compared(self, draft):
        """Return {column of the specification of duplicates: texts} of a draft."""
        raise NotImplementedError

    def _compare(self, drafts):
        """Note at each draft which record it may be, of those the user may see.

        Where doubles are added and asked about, the run goes by what the dry run found: it changes nothing that is
        written, and what came since stands on the worklist as soon as the increments have seen it.
        """
        if not drafts or self.options.get("mode") == UPDATE:
            return
        if self.writes and self.options.get("doubles") == ASK:
            for draft in drafts:
                draft.double = _told_before(draft.row.found)
            return
        own = set(self.asked.rows.filter(is_done=True, fate__in=ImportRow.WRITTEN[:2]).values_list("record", flat=True))
        found = duplicates.likely_many(self.model, [self.compared(one) for one in drafts], self.user, without=own)
        for draft, best in zip(drafts, found, strict=True):
            draft.double = best
            if best and best[1] >= CERTAIN and self.options.get("doubles") == TAKE:
                draft.target = best[0]

    # What is there

    def _there(self, ids):
        """Return {id: Whole} of those the user may change."""
        rows = self.model.objects.editable_by(self.user).filter(pk__in=ids).order_by("pk") if ids else ()
        if self.writes and ids:
            rows = rows.select_for_update(of=("self",))
        records = list(rows)
        parts = self.parts_of(records)
        return {one.pk: Whole(one, parts.get(one.pk, []), False, self.fixed) for one in records}

    def parts_of(self, records):
        """Return {id: parts} of some records."""
        return {}

    # Folding

    def _fold(self, group, there):
        made: dict[str, list[Whole]] = defaultdict(list)
        for draft in group:
            self._settle(draft, there, made)

    def _settle(self, draft, there, made):
        """Set the fate of one row and fold it in."""
        row = draft.row
        row.record, row.found = None, {}
        whole = None
        if not (draft.bad or draft.reason):
            whole = self._whole(draft, there, made)
        if whole is not None and whole.is_new and not whole.rows:
            row.fate = self._begin(draft, whole)
        elif whole is not None:
            row.fate = self._add(draft, whole)
        if draft.bad:
            row.fate = Fate.BAD
        elif draft.reason and row.fate not in (Fate.SKIPPED, Fate.SAME):
            row.fate = Fate.REFUSED
        if whole is not None and row.fate in (Fate.NEW, Fate.DOUBLE, Fate.UPDATE, Fate.SAME):
            if not whole.rows:
                self._know(draft, whole, made)
            whole.rows.append(row)
            row.record = whole.record.pk
        self._tell(draft)

    def _whole(self, draft, there, made):
        """Return the Whole a row is about: one there, one that an earlier row of the file makes, or a new one."""
        if draft.target:
            whole = there.get(draft.target)
            if whole is None:
                draft.reason = _("It is there, and not yours to change.")
            elif self.options.get("mode") == CREATE and not whole.is_new:
                draft.row.fate, draft.reason = Fate.SKIPPED, _("It is there already.")
                return None
            return whole
        for name, text in self.identities(draft):
            for whole in made[f"{name}:{text}"]:
                if self.fits(draft, [getattr(whole.record, column) for column in self.telling]):
                    return whole
        return self._new(draft)

    def _new(self, draft):
        if self.options.get("mode") == UPDATE:
            draft.row.fate, draft.reason = Fate.SKIPPED, _("There is no such record.")
        elif not self.access.may(self.importable.kind, "create"):
            draft.reason = _("You may not add records of this kind.")
        elif draft.double and self.options.get("doubles") == SKIP:
            draft.row.fate, draft.reason = Fate.SKIPPED, _("It may be one that is there.")
        else:
            return Whole(loading.fresh(self.model, **self.first_values()), [], True)
        return None

    def first_values(self):
        """Return what a new record has beside what the file says."""
        return {"owner": self.owner, "team": self.owner.team}

    def _know(self, draft, whole, made):
        if whole.is_new:
            for name, text in self.known_by(draft):
                made[f"{name}:{text}"].append(whole)

    def _begin(self, draft, whole):
        """Fill a new record; return the fate of the row."""
        for name, value in draft.values.items():
            self.set(whole.record, name, value)
        if not self._passes(draft, whole.record, draft.places):
            return Fate.REFUSED
        self.fold_parts(whole, draft)
        self.follow(whole)
        self.wholes.append(whole)
        return Fate.DOUBLE if draft.double else Fate.NEW

    def _add(self, draft, whole):
        """Change a record by what a row says; return the fate of the row."""
        record, before = whole.record, dict(whole.record.__dict__)
        for name, value in self._wanted(draft, whole):
            self.set(record, name, value)
        adding, record._state.adding = record._state.adding, True  # its parts are at hand: nothing is asked for them
        try:
            passes = self._passes(draft, record, draft.places)
        finally:
            record._state.adding = adding
        if not passes:
            record.__dict__.clear()
            record.__dict__.update(before)
            return Fate.REFUSED
        changed = {name for name in draft.values.keys() | draft.cleared if not _same(before, record.__dict__, name)}
        number = len(changed) + self.fold_parts(whole, draft)
        whole.changed |= changed
        self.follow(whole)
        draft.row.found["fields"] = number
        return Fate.UPDATE if number else Fate.SAME

    def _wanted(self, draft, whole):
        """Yield (field, value) of what is to be set in a record that is there."""
        for name, value in draft.values.items():
            if name in whole.fixed or name in self.only_new:
                continue
            there = whole.record.__dict__.get(attname(self.model, name))
            if name in self.united:
                yield name, [*there, *(one for one in value if one not in there)]
            elif not there or self.options.get("where_both") != OURS:
                yield name, value
        if self.options.get("clear") and not whole.is_new:
            for name in draft.cleared:
                if name not in whole.fixed and name not in self.only_new:
                    yield name, loading.blank_of(self.model, name)

    only_new: tuple[str, ...] = ("owner", "source")
    """Fields that a file sets at new records alone."""
    united: tuple[str, ...] = ()
    """Fields with several values: those of the file are added."""

    def set(self, record, name, value):
        loading.put(record, name, value)

    def _passes(self, draft, record, places):
        """Put a record through the gate; what is refused stands at its place in the file."""
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
            if isinstance(standard, str) and name in self.righted:
                text = dict(draft.texts.get(name, ())).get(place)
                if text is not None and standards.line(text) != standard:
                    draft.was[place] = standard
        return True

    righted: tuple[str, ...] = ()
    """Fields of which it is told when the gate has written them otherwise."""

    def fold_parts(self, whole, draft):
        """Add the parts of a row to a record; return how many of its fields that changes."""
        return 0

    def follow(self, whole):
        """Set what follows from the record and its parts."""

    @staticmethod
    def _tell(draft):
        """Note at the row what was found."""
        told: dict[str, Any] = {"bad": draft.bad, "was": draft.was, "hints": draft.hints, "reason": draft.reason}
        taken = draft.double is not None and draft.target == draft.double[0]
        if draft.double and (taken or draft.row.fate in (Fate.DOUBLE, Fate.SKIPPED)):
            told["double"], told["percent"], told["name"] = draft.double[0], int(draft.double[1] * 100), draft.double[2]
        draft.row.found |= {name: value for name, value in told.items() if value}


def _told_before(found):
    """Return the double that a dry run noted at a row."""
    if "double" not in found:
        return None
    return found["double"], (found["percent"] + 0.5) / 100, found["name"]


def is_alike(name, other):
    """Whether two names, as sorted by, can be one person's or one firm's; nothing speaks against no name."""
    return not name or not other or name == other or fuzz.token_set_ratio(name, other) >= SAME_NAME


def attname(model, name):
    return model._meta.get_field(name).attname


def _same(before, after, name):
    for key in (name, f"{name}_id"):
        if key in before or key in after:
            return before.get(key) == after.get(key)
    return True
