"""Exactly the view as a file: its columns, filters, order and rights, a keyset page at a time."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile

import xlsxwriter
from defusedcsv import csv
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify

from crm.listing.paging import Cursor

CHUNK = 1000
MOST = 10_000  # rows while the browser waits
SHEET_ROWS = 1_048_575  # what Excel takes below the head
LONGEST_CELL = 32_767  # characters, Excel again
IN_MEMORY = 4_000_000  # bytes
READ = 1_000_000  # bytes at a time
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Chunk:
    """Rows of the file as text, and the cursor that leads to the rest; None at the end."""

    rows: list[list[str]]
    next: Cursor | None


def chunks(listing, found, cursor=None, size=CHUNK):
    """Yield the list in its order from a cursor on."""
    column, descending = listing.order
    user = listing.request.user
    while True:
        page = found.page(column.expression, descending=descending, cursor=cursor, size=size)
        texts = [(column.text, column.fetch(page.rows, user)) for column in listing.columns]
        yield Chunk([[text(row, fetched) for text, fetched in texts] for row in page.rows], page.next)
        cursor = page.next
        if not cursor:
            return


def head(listing):
    return [str(column.label) for column in listing.columns]


def csv_text(rows):
    """Return rows as CSV; a cell that begins like a formula gets an apostrophe before it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def csv_head(listing):
    """Return the first line, with the byte order mark by which spreadsheets know UTF-8."""
    return "\ufeff" + csv_text([head(listing)])


@contextmanager
def xlsx_file(listing, rows):
    """Give the rows as an Excel file, open at its beginning; every cell is text, whatever it looks like."""
    with SpooledTemporaryFile(IN_MEMORY) as file:
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            _fill(book, listing, rows)
        file.seek(0)
        yield file


def _fill(book, listing, rows):
    sheet, at = _new_sheet(book, listing), 0
    for row in rows:
        if at == SHEET_ROWS:
            sheet, at = _new_sheet(book, listing), 0
        at += 1
        for number, cell in enumerate(row):
            if cell:
                sheet.write_string(at, number, cell[:LONGEST_CELL])


def _new_sheet(book, listing):
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for number, label in enumerate(head(listing)):
        sheet.write_string(0, number, label, bold)
        sheet.set_column(number, number, 22)
    return sheet


def file_name(listing, form):
    return f"{slugify(listing.title)}-{timezone.localdate():%Y-%m-%d}.{form}"


def response(listing, found, form):
    """Return the list as a file of one of the TYPES, made while it is sent."""
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(listing, form)}"',
        "X-Content-Type-Options": "nosniff",
    }
    content = _in_zone(_content(listing, found, form), timezone.get_current_timezone())
    return StreamingHttpResponse(content, content_type=TYPES[form], headers=headers)


def _in_zone(parts, zone):
    """Yield what is made while it is sent, after the request has ended: its days and times are the reader's, too."""
    while True:
        with timezone.override(zone):
            part = next(parts, None)
        if part is None:
            return
        yield part


def _content(listing, found, form):
    if form == "csv":
        yield csv_head(listing)
        for chunk in chunks(listing, found):
            yield csv_text(chunk.rows)
    else:
        rows = (row for chunk in chunks(listing, found) for row in chunk.rows)
        with xlsx_file(listing, rows) as file:
            yield from iter(lambda: file.read(READ), b"")
