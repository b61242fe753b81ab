"""What the merge screen shows: values side by side, what is proposed and why, and what moves along."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2s
from string import ascii_uppercase
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from crm import duplicates, merging
from crm.duplicates import kind_of
from crm.merging import choosing
from crm.merging.proposing import Proposal
from quality import columns, entries
from quality.proposals import Values

MOST_REASONS = 6  # pairs whose evidence is shown


@dataclass
class Column:
    """One of the records: its letter, its name, where it is from, and as it was when it was looked at."""

    record: Any
    letter: str
    name: list
    origin: str
    seen: str


@dataclass
class Cell:
    """One record's value of a field: marked text, whether it is chosen, what the kept column says when it is."""

    column: Column
    text: str
    marks: list
    chosen: bool
    why: str
    more: str = ""


@dataclass
class Row:
    """A field in which the records differ. `is_open`: it can be picked."""

    key: str
    label: object
    cells: list[Cell]
    kept: str
    why: str
    is_open: bool = True


@dataclass
class Screen:
    """Everything of one merge for one reader. `kept`: the record whose address and number stay, `proposed`: the one of
    which that is proposed. `agreed`: (label, value); `along`: (label, numbers, of all)."""

    model: Any
    columns: list[Column]
    kept: Any
    proposed: Any
    rows: list[Row] = field(default_factory=list)
    agreed: list = field(default_factory=list)
    along: list = field(default_factory=list)
    reasons: list = field(default_factory=list)
    stale: list = field(default_factory=list)

    @property
    def number(self):
        return len(self.columns)

    @property
    def kind(self):
        return self.model._meta.model_name

    @property
    def plural(self):
        return self.model._meta.verbose_name_plural

    @property
    def picked(self):
        return [one.record.pk for one in self.columns]


def seen_of(texts, record):
    """Return a text by which what changes in a record meanwhile is told: id, version, a digest of each field."""
    digests = [blake2s(text.encode(errors="replace"), digest_size=4).hexdigest() for text in texts]
    return f"{record.pk}:{record.version}:{'.'.join(digests)}"


def screen(model, records, user, *, picks=None, survivor=None, seen=()):
    """Return the Screen of records opened to be changed by `user`.

    `picks`, `survivor`: as `merging.merge` takes them; `seen`: the texts of `seen_of` that a form sent.
    """
    values = Values(model, records, user)
    shown, sides = values.fields, values.sides(records)
    proposed = merging.survivor_of(records)
    kept = next((record for record in records if record.pk == survivor), proposed)
    found = Screen(model, _columns(records, shown, sides), kept, proposed)
    more = _counted(values, records)
    for one in shown:
        _add(found, one, sides[one.key], picks or {}, user, more)
    _add_united(found, values.made, records, user.access.hidden(model._meta.label_lower))
    found.along = _along(model, records, user)
    found.reasons = _reasons(model, records, user)
    found.stale = _changed(found, shown, seen)
    return found


def _columns(records, fields, sides):
    names = [str(record) for record in records]
    first = names[0]
    return [
        Column(
            record,
            letter,
            columns.marked(name, [] if record is records[0] else [first]),
            _origin(record),
            seen_of([sides[one.key][place].text for one in fields], record),
        )
        for place, (record, letter, name) in enumerate(zip(records, ascii_uppercase, names, strict=False))
    ]


def _origin(record):
    """Return "Web form, 30 Sep 2026"."""
    source = record.get_source_display() if getattr(record, "source", "") else ""
    return ", ".join(filter(None, [str(source), date_format(timezone.localtime(record.created_at), "j M Y")]))


def _add(found, one, sides, picks, user, more):
    """Add a field to the screen: to what agrees, or to what differs."""
    texts = [side.text for side in sides]
    if not any(texts):
        return
    if len(set(texts)) == 1:
        found.agreed.append((one.label, texts[0]))
        return
    is_open = not choosing.is_fixed(one, found.model, user)
    proposed = one.propose(sides) if is_open else _kept_by_rule(found, texts)
    ids = found.picked
    picked = picks.get(one.key) if is_open else None
    place = ids.index(picked) if picked in ids else proposed.place
    cells = [
        Cell(column, text, columns.marked(text, [texts[proposed.place]]), at == place,
             _why(one, proposed.why if at == proposed.place else _("Your choice"), texts),
             more.get((one.key, column.record.pk), ""))
        for at, (column, text) in enumerate(zip(found.columns, texts, strict=True))
    ]  # fmt: skip
    found.rows.append(Row(one.key, one.label, cells, texts[place], cells[place].why, is_open))


def _why(one, why, texts):
    """Return why a value is kept; of ways to reach somebody all are."""
    others = isinstance(one, merging.Reached) and len(set(filter(None, texts))) > 1
    return f"{why}. {_('The others stay beside it.')}" if others else why


def _kept_by_rule(found, texts):
    """Return what stays of a field that the reader may not set: the kept record's, unless it has none."""
    order = sorted(range(len(texts)), key=lambda at: found.columns[at].record is not found.kept)
    place = next((at for at in order if texts[at]), 0)
    return Proposal(place, _("Read-only for you"))


def _counted(values, records):
    """Return {(key, id): "and 1 more"} for ways to reach a record beside the primary one: a query a sort."""
    found, whole = {}, f"{values.model._meta.model_name}_id"
    for one in values.fields:
        if isinstance(one, merging.Reached):
            counts = Counter(one.part.objects.of(*records).values_list(whole, flat=True))
            found |= {(one.key, pk): _("and %d more") % (number - 1) for pk, number in counts.items() if number > 1}
    return found


def _add_united(found, made, records, hidden):
    """Add what is joined and not picked."""
    for one in made.united:
        values = [getattr(record, one.column) for record in records]
        if not one.label or one.column in hidden or not any(values):
            continue
        texts = [", ".join(value) if isinstance(value, list) else value for value in values]
        if len(set(texts)) == 1:
            found.agreed.append((one.label, texts[0]))
            continue
        joined = one.unite(values)
        kept = ", ".join(joined) if isinstance(joined, list) else joined
        cells = [
            Cell(column, text, [(text, False)], False, "") for column, text in zip(found.columns, texts, strict=True)
        ]
        found.rows.append(Row(one.column, one.label, cells, kept, one.words, is_open=False))


def _along(model, records, user):
    """Return (label, [number of each record], number of all) of what moves along, as far as the reader sees it."""
    ids, found = [record.pk for record in records], []
    for one in merging.along_of(model):
        counted = one.count(model, ids, user)
        if counted and counted[1]:
            each, together = counted
            numbers = [number_format(each.get(pk, 0), force_grouping=True) for pk in ids]
            found.append((one.label, numbers, number_format(together, force_grouping=True)))
    return found


def _reasons(model, records, user):
    """Return the evidence of the pairs among these records, the surest first."""
    kind = kind_of(model)
    if kind is None:
        return []
    there = model.objects.visible_to(user).in_bulk([record.pk for record in records])
    table = entries.Table(kind, list(there.values()), user)
    letters = {record.pk: letter for record, letter in zip(records, ascii_uppercase, strict=False)}
    pairs = [pair for pair in duplicates.compared(model, list(there)) if pair.left in there and pair.right in there]
    pairs.sort(key=lambda pair: -pair.weight)
    return [entries.compared_pair(pair, letters, table, there) for pair in pairs[:MOST_REASONS]]


def _changed(found, fields, seen):
    """Return [(letter, labels of what changed)] of records that are not as they were when they were looked at."""
    before = {text.partition(":")[0]: text for text in seen}
    told = []
    for column in found.columns:
        text = before.get(str(column.record.pk))
        if text is None or text == column.seen:
            continue
        old, new = (one.rpartition(":")[2].split(".") for one in (text, column.seen))
        labels = [str(one.label) for one, was, now in zip(fields, old, new, strict=False) if was != now]
        if labels or text.split(":")[1:2] != column.seen.split(":")[1:2]:
            told.append((column.letter, ", ".join(labels)))
    return told


def versions(seen):
    """Return {id: version} out of what a form says was looked at; what is none is left out."""
    found = {}
    for text in seen:
        pk, version, *_digests = [*text.split(":"), "", ""]
        if pk.isdecimal() and version.isdecimal():
            found[int(pk[:19])] = int(version[:19])
    return found
