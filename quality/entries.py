"""The entries of the worklist as one reader sees them: records side by side, and why they may be one."""

from __future__ import annotations

from dataclasses import dataclass, field
from string import ascii_uppercase

from django.utils.translation import gettext as _

from crm import duplicates
from crm.models import User
from quality import columns, evidence

MOST_SIDES = 6  # records of a cluster that are shown at once
MOST_REASONS = 6  # pairs of a cluster whose evidence is shown


@dataclass
class Side:
    """One record among those compared. `letter`: by which the evidence speaks of it."""

    record: object
    letter: str
    name: list


@dataclass
class Compared:
    """The evidence of one pair, with the letters of the two."""

    pair: object
    between: str
    reasons: evidence.Reasons


@dataclass
class Entry:
    """What the page shows of one Group. `rows`: (label, cells), a cell being a list of marked texts or html."""

    group: object
    sides: list[Side]
    rows: list
    reasons: list[Compared]
    more: int = 0
    following: int | None = None
    pairs: list = field(default_factory=list)

    @property
    def pk(self):
        return self.group.lead.pk

    @property
    def is_cluster(self):
        return len(self.sides) > 2

    @property
    def others(self):
        """The pairs that are answered with the first."""
        return self.pairs[1:]


class Seen:
    """The records of some pairs, as their reader may see them: a query or two for each kind."""

    def __init__(self, user, wanted):
        self.user = user
        self.records = {
            kind: kind.model.objects.visible_to(user).select_related("owner").in_bulk(ids)
            for kind, ids in wanted.items()
            if ids
        }

    def named(self, suggestion):
        """Return the two records of a suggestion, None where one is not seen."""
        there = self.records.get(duplicates.numbered(suggestion.kind), {})
        pair = there.get(suggestion.left), there.get(suggestion.right)
        return pair if all(pair) else None


def of(user, groups):
    """Return the entries of some groups; a group of which fewer than two records are seen is left out."""
    wanted: dict = {}
    for group in groups:
        wanted.setdefault(group.kind, set()).update(group.ids[:MOST_SIDES])
    seen = Seen(user, wanted)
    tables = {kind: Table(kind, list(there.values()), user) for kind, there in seen.records.items()}
    found = [_entry(group, seen.records[group.kind], tables[group.kind]) for group in groups]
    shown = [entry for entry in found if len(entry.sides) > 1 and entry.reasons]
    for entry, following in zip(shown, [*shown[1:], None], strict=False):
        entry.following = following and following.pk
    return shown


class Table:
    """What the columns of one kind say about the records of a page."""

    def __init__(self, kind, records, user):
        self.kind, self.user, self.specification = kind, user, duplicates.in_use(kind)
        self.hidden = user.access.hidden(kind.name)
        self.counts = user.access.scope(kind.name, "view") == "all"
        self.columns = columns.shown(kind.model, self.hidden)
        self.found = {column.key: column.fetch(records, user) for column in self.columns}

    def rows(self, records):
        """Return (label, cells) of each column that says anything about these records."""
        for column in self.columns:
            cells = self._cells(column, records)
            if any(any(cell.values()) for cell in cells):
                yield column.label, cells

    def _cells(self, column, records):
        found = self.found[column.key]
        if column.key not in columns.LETTERS:
            return [{"html": column.html(record, found)} for record in records]
        return [{"lines": lines} for lines in compared([_texts(column, record, found) for record in records])]

    def unknown(self, pair, records):
        """Return the comparisons whose outcome follows, for this pair, from a record its reader does not see."""
        names = self.found.get("company")
        ids = [getattr(records[pk], "company_id", None) for pk in (pair.left, pair.right)]
        return ("workplace",) if names is not None and any(pk and pk not in names for pk in ids) else ()

    def reasons(self, pair, records):
        unknown = self.unknown(pair, records)
        return evidence.reasons(pair, self.specification, hidden=self.hidden, unknown=unknown, counts=self.counts)


def _texts(column, record, found):
    if hasattr(column, "texts"):
        return column.texts(record, found)
    text = column.text(record, found)
    return [text] if text else []


def compared(texts):
    """Return for each list of texts its lines, marked where they differ from the first list that has any."""
    first = next((own for own in texts if own), [])
    return [[columns.marked(text, [] if own is first else first) for text in own] for own in texts]


def _entry(group, there, table):
    ids = [pk for pk in group.ids[:MOST_SIDES] if pk in there]
    records = [there[pk] for pk in ids]
    letters = dict(zip(ids, ascii_uppercase, strict=False))
    names = compared([[str(record)] for record in records])
    sides = [Side(record, letters[record.pk], name[0]) for record, name in zip(records, names, strict=True)]
    pairs = [pair for pair in group.pairs if pair.left in letters and pair.right in letters]
    reasons = [compared_pair(pair, letters, table, there) for pair in pairs[:MOST_REASONS]]
    return Entry(group, sides, list(table.rows(records)), reasons, len(group.ids) - len(ids), pairs=pairs)


def compared_pair(pair, letters, table, there):
    """Return the evidence of a pair. `letters`: {id: letter}; `there`: {id: record as its reader sees it}."""
    return Compared(pair, _between(pair, letters), table.reasons(pair, there))


def _between(pair, letters):
    return _("%(one)s and %(other)s") % {"one": letters[pair.left], "other": letters[pair.right]}


def answered(user, rows):
    """Return [{pair, kind, records, by}] of answered pairs."""
    wanted: dict = {}
    for row in rows:
        wanted.setdefault(duplicates.numbered(row.kind), set()).update((row.left, row.right))
    seen = Seen(user, wanted)
    people = User.objects.in_bulk({row.answered_by_id for row in rows if row.answered_by_id})
    told = []
    for row in rows:
        if records := seen.named(row):
            told.append({"pair": row, "records": records, "by": people.get(row.answered_by_id)})
    return told
