"""One file as a header and rows, within the limits."""

from __future__ import annotations

from crm.tables import cards, delimited, formats, limits, refusal, sheets
from crm.tables.refusal import Refused


def read(raw, encoding=None):
    """Return ({"format", "encoding", "header"}, an iterator of (row's number in the file, texts)). Raises Refused.

    Rows without any text are left out; the header is row 1, or the first that has any.
    """
    kind = formats.of(raw)
    if kind in (formats.CSV, formats.VCARD):
        encoding = encoding or delimited.encoding_of(raw)
    found = enumerate(_of(kind, raw, encoding), 1)
    for _number, header in found:
        header = _stripped(header)
        if header:
            break
    else:
        raise Refused(refusal.NO_ROWS)
    if len(header) > limits.MOST_COLUMNS:
        raise Refused(refusal.TOO_MANY_COLUMNS)
    names = [" ".join(_storable(name).split())[: limits.LONGEST_NAME] for name in header]
    return {"format": kind, "encoding": encoding or "", "header": names}, _rows(found)


def _of(kind, raw, encoding):
    if kind == formats.CSV:
        return delimited.rows(raw, encoding)
    return cards.rows(raw, encoding) if kind == formats.VCARD else sheets.rows(raw)


def _stripped(row):
    """Return a row without the empty cells at its end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def _rows(found):
    count = 0
    for number, row in found:
        row = _stripped(row)
        if not row:
            continue
        count += 1
        if count > limits.MOST_ROWS:
            raise Refused(refusal.TOO_MANY_ROWS)
        if len(row) > limits.MOST_COLUMNS:
            raise Refused(refusal.TOO_MANY_COLUMNS, number)
        if max(map(len, row)) > limits.LONGEST_CELL:
            raise Refused(refusal.HUGE_CELL, number)
        yield number, [_storable(cell) for cell in row]


def _storable(cell):
    """Return a cell as the database takes it: without NUL and half surrogates."""
    if cell.isprintable():
        return cell
    return cell.replace("\0", "").encode("utf-8", "replace").decode()
