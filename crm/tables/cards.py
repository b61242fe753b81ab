"""Address cards: vCard 2.1, 3.0 and 4.0 as a table with one row a person.

https://www.rfc-editor.org/rfc/rfc6350 (4.0), https://www.rfc-editor.org/rfc/rfc2426 (3.0)
"""

from __future__ import annotations

import io
import re

from vobject.base import ParseError, VObjectError, getLogicalLines, textLineToContentLine

from crm.tables import delimited, limits, refusal
from crm.tables.refusal import Refused

BETWEEN = " ::: "
"""What stands between several values in one cell, as Google Contacts writes it."""
HEADER = (
    "Name Prefix", "First Name", "Middle Name", "Last Name", "Name Suffix", "Formatted Name", "Organization", "Title",
    "E-mail Work", "E-mail Home", "E-mail Other", "Phone Mobile", "Phone Work", "Phone Home", "Phone Fax",
    "Phone Other", "Work Street", "Work Extended", "Work City", "Work Region", "Work Postal Code", "Work Country",
    "Home Street", "Home Extended", "Home City", "Home Region", "Home Postal Code", "Home Country",
    "Birthday", "Categories", "Website", "Notes",
)  # fmt: skip
_UNREAD = re.compile(r"^(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY|X-[\w-]+)[;:]", re.IGNORECASE)
_FIELDS = re.compile(r"(?<!\\);")
_ESCAPED = re.compile(r"\\([nN,;:\\])")
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)")


def rows(raw, encoding=None):
    """Yield lists of texts, HEADER first. Raises Refused."""
    yield list(HEADER)
    text = raw.decode(encoding or delimited.encoding_of(raw), errors="replace")
    if "\0" in text:
        raise Refused(refusal.NULS)
    card: dict[str, list[str]] | None = None
    for line, number in _lines(text):
        if card is not None and _UNREAD.match(line):
            continue
        try:
            found = textLineToContentLine(line, number)
        except (ParseError, VObjectError, ValueError, LookupError):
            continue  # a line that nobody can read tells nothing
        name, value = found.name.upper(), str(found.value)
        if name == "BEGIN" and value.upper() == "VCARD":
            card = {}
        elif name == "END" and card is not None:
            yield [BETWEEN.join(dict.fromkeys(card.get(column, ()))) for column in HEADER]
            card = None
        elif card is not None:
            _note(card, name, value, _kinds(found))
    if card is not None:
        raise Refused(refusal.BROKEN)


def _lines(text):
    for line, number in getLogicalLines(io.StringIO(text, newline=None), allowQP=True):
        if len(line) > limits.LONGEST_LINE and not _UNREAD.match(line):
            raise Refused(refusal.HUGE_CELL, number)
        yield line, number


def _kinds(line):
    """Return the types of a line, as 3.0 (TYPE=work) and 2.1 (;WORK) say them."""
    said = [*line.params.get("TYPE", ()), *line.singletonparams]
    return {part.strip().lower() for one in said for part in one.split(",")}


def _note(card, name, value, kinds):
    if name == "N":
        _put(card, ("Last Name", "First Name", "Middle Name", "Name Prefix", "Name Suffix"), value)
    elif name == "ADR":
        place = "Home" if "home" in kinds else "Work"
        box = ("", "Extended", "Street", "City", "Region", "Postal Code", "Country")
        if f"{place} Street" not in card and f"{place} City" not in card:
            _put(card, tuple(part and f"{place} {part}" for part in box), value)
    elif name == "ORG":
        _add(card, "Organization", _FIELDS.split(value)[0])
    elif column := _column(name, kinds):
        _add(card, column, value.removeprefix("tel:") if name == "TEL" else value)


def _put(card, columns, value):
    for column, part in zip(columns, _FIELDS.split(value), strict=False):
        if column:
            _add(card, column, part)


def _add(card, column, value):
    value = _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()
    if column == "Birthday":
        value = _DAY.sub(r"\1-\2-\3", value).partition("T")[0]
    if value:
        card.setdefault(column, []).append(value)


def _column(name, kinds):
    if name == "EMAIL":
        return f"E-mail {_first(kinds, 'work', 'home')}"
    if name == "TEL":
        return f"Phone {_first({'mobile' if kind in ('cell', 'mobile') else kind for kind in kinds}, *_PHONES)}"
    return _SINGLE.get(name)


_PHONES = ("fax", "mobile", "work", "home")
_SINGLE = {
    "FN": "Formatted Name", "TITLE": "Title", "BDAY": "Birthday", "CATEGORIES": "Categories", "URL": "Website",
    "NOTE": "Notes",
}  # fmt: skip


def _first(kinds, *wanted):
    return next((kind.title() for kind in wanted if kind in kinds), "Other")
