"""What a file is, told from its bytes, whatever it is called."""

from __future__ import annotations

import io
import zipfile

from crm.tables import limits, refusal
from crm.tables.refusal import Refused

CSV, XLSX, XLS, ODS, VCARD = "csv", "xlsx", "xls", "ods", "vcard"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\x7fELF", b"MZ", b"SQLite",
    b"{\\rtf", b"BZh", b"\xfd7zXZ",
)  # fmt: skip
_MARKED_UP = (b"<!doctype", b"<html", b"<?xml", b"<table")


def of(raw):
    """Return one of the words above. Raises Refused."""
    if not raw.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Refused(refusal.EMPTY)
    if raw.startswith(_OLE):
        return XLS
    if raw.startswith(b"PK\x03\x04"):
        return _packed(raw)
    beginning = raw[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if raw.startswith(_OTHERS) or beginning[:20].lower().startswith(_MARKED_UP):
        raise Refused(refusal.WRONG_TYPE)
    wide = beginning.lstrip(b"\xff\xfe").replace(b"\0", b"")
    return VCARD if wide[:11].upper() == b"BEGIN:VCARD" else CSV


def _packed(raw):
    """Return the format of a packed file, after a look at what it would unpack to."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            files = packed.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise Refused(refusal.BROKEN) from None
    names = {file.filename for file in files}
    unpacked = sum(file.file_size for file in files)
    if len(files) > limits.PACKED_FILES or unpacked > limits.UNPACKED_BYTES:
        raise Refused(refusal.BOMB)
    if unpacked > 20_000_000 and unpacked > limits.UNPACKED_RATIO * len(raw):
        raise Refused(refusal.BOMB)
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return XLSX
    if "content.xml" in names and "mimetype" in names:
        return ODS
    raise Refused(refusal.WRONG_TYPE)
