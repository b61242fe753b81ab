"""Text as it came, in any encoding or none, made into text that can be stored and shown."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
import unicodedata
from quopri import decodestring

from crm.mime import limits

REPLACEMENT = "\ufffd"
STRANGE = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control signs and those that turn the direction of what follows: "exe.gpj" must not read as "jpg.exe"."""
HALF = re.compile("[\ud800-\udfff]")
ENCODED = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]{0,4000})\?=")
BETWEEN = re.compile(r"(\?=)[ \t\r\n]+(=\?)")
SPACES = re.compile(r"\s+")


def charset(name):
    """Return the codec of a declared charset, None for one that is unknown or no charset of a text."""
    try:
        found = codecs.lookup(name.strip().strip("\"'").replace("\0", ""))
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if found.name in STRANGE or not getattr(found, "_is_text_encoding", True) else found.name


def text_of(content, declared=""):
    """Return bytes as text: as declared, else UTF-8, else as Windows writes; what cannot be read is U+FFFD."""
    known = charset(declared) if declared else None
    for name in dict.fromkeys(filter(None, [known, "utf-8"])):
        try:
            return content.decode(name)
        except (UnicodeError, ValueError):
            continue
    return content.decode(known or "cp1252", "replace")


def clean(text):
    """Return text without NUL, control signs and signs that turn the direction, in NFC, with plain line ends."""
    text = HALF.sub(REPLACEMENT, text).replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _thinned(CONTROL.sub("", text.replace("\0", REPLACEMENT))))


def _thinned(text):
    """Return text without the rest of very long rows of combining signs: to put those in order takes for ever."""
    if text.isascii():
        return text
    kept, row = [], 0
    for sign in text:
        row = row + 1 if unicodedata.combining(sign) else 0
        if row <= limits.COMBINING:
            kept.append(sign)
    return "".join(kept)


def line(text):
    """Return the same on one line."""
    return SPACES.sub(" ", clean(text.replace("\n", " "))).strip()


def decoded(value):
    """Return the value of a field with its encoded words (RFC 2047) read; what is none stays as it is."""
    return ENCODED.sub(_word, BETWEEN.sub(r"\1\2", value)) if "=?" in value else value


def _word(match):
    name, encoding, body = match[1].partition("*")[0], match[2].lower(), match[3]
    content = body.encode("ascii", "replace")
    undone = lenient_base64(content) if encoding == "b" else decodestring(content.replace(b"_", b" "))
    return text_of(undone, name)


ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
FOREIGN = bytes(set(range(256)) - set(ALPHABET) - {ord("=")})


def lenient_base64(content):
    """Return what can be read of base64: foreign signs are passed over, it ends at the first padding."""
    kept = content.translate(None, FOREIGN).split(b"=", 1)[0]
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    try:
        return base64.b64decode(kept + b"=" * (-len(kept) % 4))
    except (binascii.Error, ValueError):
        return b""
