"""What makes two raw mails the same mail: their own fields and their body, not the traces of the way they took."""

from __future__ import annotations

import re
from hashlib import sha256

from crm.mime import limits, structure
from crm.mime.refusal import Refused

SPACES = re.compile(r"\s+")
OWN = (
    *("message-id", "from", "to", "cc", "subject", "date", "in-reply-to", "references"),
    *("mime-version", "content-type", "content-transfer-encoding"),
)


def digest(raw):
    """Return a SHA-256 in hex that is the same for the same mail come by SMTP or IMAP, with any kind of line end.

    A mail whose head is no head counts byte for byte.
    """
    try:
        head, body = structure.head_end(raw, 0, len(raw), limits.HEADER_BYTES)
        found = structure.head_fields(raw, 0, head)
    except Refused:
        return sha256(raw).hexdigest()
    told = sha256()
    for name in OWN:
        for value in found.get(name, ()):
            told.update(f"{name}:{SPACES.sub(' ', value)}\n".encode("utf-8", "surrogateescape"))
    told.update(b"\0")
    told.update(raw[body:].replace(b"\r\n", b"\n").rstrip(b"\n"))
    return told.hexdigest()
