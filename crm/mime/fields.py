"""What the fields of a head say: addresses, references, date."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256

from crm.mime import limits, words

BARE = re.compile(r"[^\s<>,;:\"()\[\]\\]{1,200}@[^\s<>,;:\"()\\]{1,250}")
ADDRESS = re.compile(r"[^\s<>,;\"()\\]{1,200}@[^\s<>,;\"()\\@]{1,250}")
ID = re.compile(r"<([^<>\s]{1,2000})>")
SHORT = limits.VALUE_BYTES // 4


def addresses(values):
    """Return ([{name, address}], how many there are), at most limits.ADDRESSES, each address once."""
    found, count = {}, 0
    for value in values:
        value = value[: limits.VALUE_BYTES]
        count += value.count("@")
        for name, address in _pairs(value):
            address = words.line(words.decoded(address))
            if len(found) < limits.ADDRESSES and ADDRESS.fullmatch(address):
                name = words.line(words.decoded(name))[:200]
                found.setdefault(address.lower(), {"name": name, "address": address[:254]})
    return list(found.values()), max(count, len(found))


def _pairs(value):
    """Return (name, address) of a list of addresses; of one that cannot be read, whatever looks like an address."""
    try:
        pairs = getaddresses([value]) if value.count("(") < 50 else []
    except (RecursionError, ValueError, IndexError, AttributeError, TypeError):
        pairs = []
    pairs = [(name, address) for name, address in pairs if "@" in address]
    return pairs or [("", address) for address in BARE.findall(value)[: limits.ADDRESSES]]


def ids(values, most=limits.REFERENCES):
    """Return the Message-IDs named in fields, without their brackets: the first and the last ones of very many."""
    found = list(dict.fromkeys(short(one) for value in values for one in ID.findall(value[: limits.VALUE_BYTES])))
    return found if len(found) <= most else [found[0], *found[1 - most :]]


def message_id(value):
    """Return one Message-ID without brackets, "" if there is none."""
    found = ids([value]) or [short(words.line(value).strip("<>"))]
    return found[0]


def short(identifier):
    """Return a Message-ID that can be stored; a very long one is known by its hash."""
    identifier = words.line(identifier)
    if len(identifier) <= limits.LONGEST_ID:
        return identifier
    return f"{sha256(identifier.encode()).hexdigest()}@too-long.invalid"


def date(value):
    """Return the moment of a Date field in UTC as ISO text, "" if it is none."""
    try:
        found = parsedate_to_datetime(value[:200])
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        return found.isoformat()
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return ""


def text(value, most=500):
    """Return a field meant to be read."""
    return words.line(words.decoded(value[:SHORT]))[:most]
