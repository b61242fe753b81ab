"""Messages that a mail could not be delivered (RFC 3464)."""

from __future__ import annotations

import re

from crm.mime import bodies, fields, structure, words

MOST = 64 * 1024
STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")
ORIGINAL = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")


def read(raw, whole):
    """Return {message_id, hard, reason, recipient} of the mail that came back, None if this tells of no such thing."""
    if whole.type != "multipart/report":
        return None
    parts = list(whole.walk())
    report = next(
        (part for part in parts if part.type in ("message/delivery-status", "message/global-delivery-status")), None
    )
    original = next((part for part in parts if part.type in ORIGINAL), None)
    if report is None or original is None:
        return None
    told = _told(_text(raw, report))
    found = re.search(r"(?im)^message-id:\s*(<[^<>\s]{1,2000}>)", _text(raw, original))
    if told.get("action") != "failed" or not found:
        return None
    status = STATUS.search(told.get("status", ""))
    return {
        "message_id": fields.message_id(found[1]),
        "hard": bool(status and status[1] == "5"),
        "reason": words.line(told.get("diagnostic-code") or told.get("status", ""))[:300],
        "recipient": words.line(told.get("final-recipient", "").rpartition(";")[2])[:254],
    }


def _text(raw, part):
    return words.text_of(bodies.first(raw, part.start, part.end, part.encoding, MOST)).replace("\r\n", "\n")


def _told(text):
    """Return the fields of the first recipient that is told of."""
    found: dict[str, str] = {}
    for row in re.sub(r"\n(?=[ \t])", " ", text).split("\n"):
        if (named := structure.FIELD.fullmatch(row)) and len(found) < 100:
            found.setdefault(named[1].lower(), named[2].strip())
    return found
