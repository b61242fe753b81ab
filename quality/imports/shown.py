"""The rows of a preview as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.importing.refused import reason
from crm.importing.rows import ImportRow

PAGE = 100  # rows
Fate = ImportRow.Fate
TONES = {
    Fate.NEW: "good", Fate.DOUBLE: "warn", Fate.UPDATE: "acc", Fate.MERGE: "acc", Fate.BAD: "bad", Fate.REFUSED: "bad",
}  # fmt: skip
SHOWN = {
    "all": Q(),
    "bad": Q(fate=Fate.BAD),
    "righted": Q(found__has_key="was"),
    "merges": Q(fate=Fate.MERGE),
    "doubles": Q(found__has_key="double", fate__in=[Fate.DOUBLE, Fate.SKIPPED, Fate.UPDATE]),
    "left": Q(fate__in=[Fate.REFUSED, Fate.SKIPPED]),
}
"""What a preview can be narrowed to."""
LABELS = {
    "all": gettext_lazy("First 100 rows"),
    "bad": gettext_lazy("Bad cells"),
    "righted": gettext_lazy("Put right by rule"),
    "merges": gettext_lazy("Merges"),
    "doubles": gettext_lazy("Maybe doubles"),
    "left": gettext_lazy("Left out"),
}


@dataclass
class Cell:
    """One cell. `bad`, `was`, `hint`: words below it."""

    place: int
    label: str
    text: str
    bad: str = ""
    was: str = ""
    hint: str = ""


@dataclass
class Line:
    """One row. `why`: why it is left out."""

    number: int
    fate: str
    tone: str
    why: str = ""
    cells: list[Cell] = field(default_factory=list)


def figures(asked):
    """Return the numbers on top of a preview, grouped in thousands; zero where there are none."""
    count = asked.counts.get
    new = count("new", 0) + count("double", 0)
    return {
        "rows": _number(asked.total),
        "new": _number(new),
        "updates": _number(count("update", 0)),
        "merges": _number(count("merge", 0)),
        "same": _number(count("same", 0)),
        "left": _number(count("skipped", 0) + count("refused", 0)),
        "doubles": _number(count("doubles", 0)),
        "cells": _number(count("cells", 0)),
        "to_write": new + count("update", 0) + count("merge", 0),
        "written": _number(new + count("update", 0) + count("merge", 0)),
        "aside": count("bad", 0) + count("refused", 0),
        "set_aside": _number(count("bad", 0) + count("refused", 0)),
        "skipped": _number(count("skipped", 0)),
    }


def _number(value):
    return number_format(value, force_grouping=True)


def chips(asked, show):
    """Return what the preview can be narrowed to, with how much there is; what there is none of is left out."""
    count = asked.counts.get
    numbers = {
        "all": None, "bad": count("cells", 0), "righted": count("righted", 0), "merges": count("merge", 0),
        "doubles": count("doubles", 0), "left": count("skipped", 0) + count("refused", 0),
    }  # fmt: skip
    return [
        {"key": key, "label": label, "count": None if numbers[key] is None else _number(numbers[key]),
         "current": key == show, "bad": key == "bad"}
        for key, label in LABELS.items()
        if numbers[key] is None or numbers[key] or key == show
    ]  # fmt: skip


def columns(asked, importable):
    """Return [(place, label)] of the columns that are imported, as the file calls them."""
    return [(place, asked.header[place]) for place, key in enumerate(asked.mapping) if key in importable.by_key]


def page(asked, importable, show, after=0):
    """Return (lines, number of the last row or None if no more follow)."""
    rows = list(asked.rows.filter(SHOWN[show], number__gt=after).order_by("number")[: PAGE + 1])
    mapped = columns(asked, importable)
    return [line(asked, row, mapped) for row in rows[:PAGE]], rows[PAGE - 1].number if len(rows) > PAGE else None


def line(asked, row, mapped):
    found = row.found
    cells = [_cell(row, place, label, found) for place, label in mapped]
    why = reason(asked, row) if row.fate in (Fate.REFUSED, Fate.SKIPPED) else ""
    return Line(row.number, fate_of(row), TONES.get(row.fate, ""), why, cells)


def _cell(row, place, label, found):
    text = row.cells[place] if place < len(row.cells) else ""
    at = str(place)
    bad = found.get("bad", {}).get(at, "")
    was = found.get("was", {}).get(at, "") if not bad else ""
    return Cell(place, label, text, bad, was, found.get("hints", {}).get(at, "") if not bad else "")


def fate_of(row):
    """Return a row's fate in words: "Update, 2 fields", "Merge into Søren Kjærgaard", "Maybe Søren Kjærgaard"."""
    if row.fate == Fate.UPDATE:
        number = row.found.get("fields", 0)
        return ngettext("Update, %d field", "Update, %d fields", number) % number
    if row.fate == Fate.MERGE and "name" in row.found:
        return _("Merge into %s") % row.found["name"]
    if row.fate == Fate.DOUBLE:
        return _("Maybe %s") % row.found.get("name", "")
    return row.get_fate_display()
