"""Spreadsheets: XLSX, XLS and ODS, the first sheet that holds anything."""

from __future__ import annotations

import datetime
import io

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, load_workbook

from crm.tables import limits, refusal
from crm.tables.refusal import Refused


def rows(raw):
    """Yield lists of texts, the header first. Raises Refused."""
    try:
        sheet = _first(load_workbook(io.BytesIO(raw)))
        if sheet.width > limits.MOST_COLUMNS:
            raise Refused(refusal.TOO_MANY_COLUMNS)
        if sheet.total_height > 2 * limits.MOST_ROWS:
            raise Refused(refusal.TOO_MANY_ROWS)
        for row in sheet.iter_rows():
            yield [_text(cell) for cell in row]
    except PasswordError:
        raise Refused(refusal.PROTECTED) from None
    except (CalamineError, OSError, ValueError, KeyError):
        raise Refused(refusal.BROKEN) from None


def _first(book: CalamineWorkbook):
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height:
            return sheet
    raise Refused(refusal.NO_ROWS)


def _text(cell):
    """Return a cell as somebody would write it; days as 2026-11-21, whole numbers without a point."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e18 else repr(cell)
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time(0)
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ", timespec="seconds")
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else str(cell)
