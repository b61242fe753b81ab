"""What stands in a part, its transfer encoding undone piece by piece."""

from __future__ import annotations

import binascii
from hashlib import sha256

from crm.mime import words

PIECE = 512 * 1024


def pieces(raw, start, end, encoding):
    """Yield the bytes of a body; what is broken in its encoding is passed over."""
    return {"base64": _base64, "quoted-printable": _quoted}.get(encoding, _plain)(raw, start, end)


def first(raw, start, end, encoding, most):
    """Return the first `most` bytes of a body."""
    found = bytearray()
    for piece in pieces(raw, start, end, encoding):
        found += piece
        if len(found) >= most:
            break
    return bytes(found[:most])


def measured(raw, start, end, encoding):
    """Return (size, SHA-256 in hex, the first bytes) of a body."""
    size, digest, beginning = 0, sha256(), b""
    for piece in pieces(raw, start, end, encoding):
        beginning = beginning or piece[:4096]
        size += len(piece)
        digest.update(piece)
    return size, digest.hexdigest(), beginning


def _plain(raw, start, end):
    for at in range(start, end, PIECE):
        yield raw[at : min(at + PIECE, end)]


def _base64(raw, start, end):
    left = b""
    for piece in _plain(raw, start, end):
        kept, is_end, _after = piece.translate(None, words.FOREIGN).partition(b"=")
        kept = left + kept
        whole = len(kept) if is_end else len(kept) - len(kept) % 4
        yield words.lenient_base64(kept[:whole])
        if is_end:
            return
        left = kept[whole:]
    yield words.lenient_base64(left)


def _quoted(raw, start, end):
    at = start
    while at < end:
        stop = min(at + PIECE, end)
        if stop < end:
            line_end = raw.rfind(b"\n", at, stop)
            stop = line_end + 1 if line_end > at else stop
        yield binascii.a2b_qp(raw[at:stop])
        at = stop
