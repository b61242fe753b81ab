"""The file of rows that were set aside: as they came, with the reason, to be mended and brought again."""

from __future__ import annotations

import io

from defusedcsv import csv

from crm.importing.mapping import REASON
from crm.importing.rows import ImportRow

CHUNK = 1_000


def pieces(asked):
    """Yield the file as CSV; a cell that begins like a formula gets an apostrophe before it."""
    yield ("\ufeff" + csv_text([[*asked.header, REASON]])).encode()
    last = 0
    rows = asked.rows.filter(fate__in=[*ImportRow.SET_ASIDE, ImportRow.Fate.SKIPPED]).order_by("number")
    while some := list(rows.filter(number__gt=last)[:CHUNK]):
        last = some[-1].number
        yield csv_text([[*_wide(row.cells, len(asked.header)), reason(asked, row)] for row in some]).encode()


def _wide(cells, width):
    return [*cells[:width], *([""] * (width - len(cells)))]


def reason(asked, row):
    """Return why a row was set aside, in words."""
    bad = [f"{asked.header[int(place)]}: {why}" for place, why in sorted(row.found.get("bad", {}).items())]
    return "; ".join([*bad, *filter(None, [row.found.get("reason", "")])])


def csv_text(rows):
    """Return rows as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
