"""Reading a table of people from a file somebody else has written."""

from __future__ import annotations

import csv
import gzip
import re

LONGEST_CELL = 1_000_000  # characters; a longer one makes its line unreadable
_UNREADABLE = re.compile("[\udc80-\udcff]")


class NoTable(ValueError):
    """The file is no table with the columns asked for; the message says why."""


def open_text(path):
    """Open a text file, gzipped or not; bytes that are no UTF-8 come through as lone surrogates."""
    opener = gzip.open if str(path).endswith(".gz") else open
    return opener(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="")


def rows(file, columns):
    """Yield (line's number, cells by column or None, what is wrong with the line) for each line after the header.

    `columns`: the names that count, in any order; others are left out. Raises NoTable for a file without any of them.
    """
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(file, _dialect(file))
    header = _header(reader)
    places = {name: header.index(name) for name in columns if name in header}
    if not places:
        raise NoTable("None of the columns is known: " + ", ".join(header)[:200])
    yield from _lines(reader, places)


def _dialect(file):
    first = file.readline()
    file.seek(0)
    return type("Dialect", (csv.excel,), {"delimiter": max(",;\t|", key=first.count)})


def _header(reader):
    try:
        return [cell.strip().lower().replace(" ", "_") for cell in next(reader)]
    except (StopIteration, csv.Error, OSError, EOFError) as error:
        raise NoTable("No header can be read.") from error


def _lines(reader, places):
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, None, str(error)
            continue
        except (OSError, EOFError) as error:
            yield number, None, f"The file ends too early: {error}"
            return
        yield number, {name: cells[at] if at < len(cells) else "" for name, at in places.items()}, ""


def is_readable(cell):
    """Whether every byte of a cell was UTF-8."""
    return not _UNREADABLE.search(cell)


def shown(cell):
    """Return a cell so that it can be written to a file again."""
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace")[:500]
