"""Tables as text: any encoding, any delimiter."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from itertools import islice

from charset_normalizer import from_bytes

from crm.tables import limits, refusal
from crm.tables.refusal import Refused

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = (
    "utf-8", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "utf-16", "shift_jis", "gb18030",
    "big5", "euc_kr", "koi8_r", "mac_roman", "cp850",
)  # fmt: skip
"""Those that can be asked for, the commonest first."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 200_000  # bytes from which an encoding is guessed
FEWEST_WIDE = 4  # bytes that are 0 on one side, from which a text can be UTF-16 without a mark
_OTHER_SCRIPTS = (
    "cp1251", "cp1253", "cp1255", "cp1256", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "koi8_r",
)  # fmt: skip
_SIGNS_IN_WORDS = re.compile(r"[^\W\d_][£¥³¹¯¿±¾¼](?![\d\s])|[£¥³¹¯¿±¾¼][^\W\d_]")
_HIGH = re.compile(rb"[\x80-\xff]+")


def encoding_of(raw):
    """Return the name of the encoding a text is most likely in."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return name
    sample = raw[:_SAMPLE]
    if wide := _wide(sample):
        return wide
    try:
        raw.decode()
        return "utf-8"
    except UnicodeDecodeError:
        return _guessed(sample)


def _wide(sample):
    """Return UTF-16 with the order of its bytes where the signs of a table stand in two bytes each, one of them 0.

    The letters of other scripts have no byte that is 0; the ends of lines, delimiters, digits and spaces have.
    """
    high = [sample[first::2].count(0) for first in (0, 1)]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if high[first] >= FEWEST_WIDE and high[1 - first] <= 0.1 * high[first] and _is_text(sample, name):
            return name
    return None


def _is_text(sample, encoding):
    """Whether bytes decode to lines of a table."""
    try:
        text = sample[: len(sample) // 2 * 2].decode(encoding, "strict" if len(sample) < _SAMPLE else "ignore")
    except UnicodeError:
        return False
    wanted = sum(sign in "\r\n\t,;| " or sign.isalnum() for sign in text)
    return ("\n" in text or "\r" in text) and wanted > 0.7 * len(text)


def _guessed(sample):
    """Guess by where the bytes above 127 stand: in Latin script they stand alone among plain letters.

    Western European text is taken for cp1252: of its neighbours nobody can tell it by a few letters.
    """
    runs = _HIGH.findall(sample)
    if sum(len(run) == 1 for run in runs) > 0.5 * len(runs):
        return "cp1250" if _is_central(sample) else "cp1252"
    best = from_bytes(sample, cp_isolation=list(_OTHER_SCRIPTS)).best()
    return best.encoding if best else "cp1252"


def _is_central(sample):
    """Whether signs stand inside words where cp1250 has letters (ł ą ž ź), as in "£ukasz" or "W³och"."""
    text = sample.decode("cp1252", "replace")
    high = sum(sign > "\x7f" for sign in text)
    return len(_SIGNS_IN_WORDS.findall(text)) > 0.1 * high


def rows(raw, encoding=None):
    """Yield lists of texts, the header first. Raises Refused."""
    encoding = encoding or encoding_of(raw)
    if encoding == "utf-16" and not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = _wide(raw[:_SAMPLE]) or "utf-16-le"
    if b'"' not in raw and raw.count(b"\n") > 2 + 2 * limits.MOST_ROWS:
        raise Refused(refusal.TOO_MANY_ROWS)
    text = io.TextIOWrapper(io.BytesIO(raw), encoding, errors="replace", newline="")
    beginning = text.read(100_000)
    if "\0" in beginning:
        raise Refused(refusal.NULS)
    if beginning.count("\ufffd") > 0.1 * len(beginning):
        raise Refused(refusal.WRONG_TYPE)
    delimiter, skipped = _delimiter(beginning)
    text.seek(0)
    csv.field_size_limit(limits.LONGEST_CELL)
    for _line in range(skipped):
        text.readline()
    yield from _read(csv.reader(_without_nuls(text), delimiter=delimiter))


def _without_nuls(lines):
    for line in lines:
        if "\0" in line:
            raise Refused(refusal.NULS)
        yield line.removeprefix("\ufeff")


def _read(reader):
    try:
        yield from reader
    except csv.Error as error:
        reason = refusal.HUGE_CELL if "field larger" in str(error) else refusal.BROKEN
        raise Refused(reason, reader.line_num) from None
    except UnicodeError:
        raise Refused(refusal.ENCODING, reader.line_num) from None


def _delimiter(beginning):
    """Return (the delimiter by which the first lines fall into the same number of cells, lines to leave out)."""
    first = beginning.split("\n", 1)[0].strip().lower()
    if first.startswith("sep=") and len(first) == 5:
        return first[4], 1
    return max(DELIMITERS, key=lambda one: _fit(beginning, one)), 0


def _fit(beginning, delimiter):
    """Return (how many lines have the commonest number of cells, if that is more than one; that number)."""
    csv.field_size_limit(limits.LONGEST_CELL)
    try:
        found = [len(row) for row in islice(csv.reader(io.StringIO(beginning), delimiter=delimiter), 40) if row]
    except csv.Error:
        return 0, 0
    if not found:
        return 0, 0
    width, lines = Counter(found).most_common(1)[0]
    head = found[0]
    return (0, 0) if head < 2 else (lines + 20 * (width == head), head)
