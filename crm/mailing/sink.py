"""What the development sink got, as files: one mail each, written whole before the sink says that it has it.

The program is crm/launcher/mail_sink.py. Both only ever hold the newest mails; older ones leave.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from hashlib import sha256
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"[0-9]{20}-[0-9a-f]{16}-[0-9a-f]{8}")
_LATEST = 4_000_000_000_000_000_000  # in the year 2096
_HEAD = 64 * 1024  # bytes read for a line in a list


@dataclass(frozen=True)
class Kept:
    """A mail the sink got: its name, when, between whom (the envelope), and its head."""

    pk: int
    at: datetime
    size: int
    head: Message

    @property
    def subject(self):
        return shown(self.head["Subject"])

    @property
    def to(self):
        return shown(self.head["X-Envelope-To"])

    @property
    def sender(self):
        return shown(self.head["From"])

    @property
    def message_id(self):
        return str(self.head["Message-ID"] or "").strip()


def shown(value):
    """Return a header as text, whatever it holds."""
    try:
        return " ".join(str(make_header(decode_header(str(value or "")))).split())
    except (ValueError, LookupError):
        return " ".join(str(value or "").split())


def digest(message_id):
    """Return what a file's name says of its Message-ID."""
    return sha256(message_id.strip().encode(errors="replace")).hexdigest()[:16]


def directory():
    """Return where the sink keeps mails, None where there is no sink."""
    return Path(settings.MAIL_SINK) if settings.MAIL_SINK else None


def names(folder):
    """Return the names of the mails kept, the newest first."""
    return sorted((path.stem for path in folder.glob("*.eml") if NAME.fullmatch(path.stem)), reverse=True)


def listed(folder, *, before=None, most=50):
    """Return (the newest mails kept, older than the one with the number `before`; whether there are more)."""
    found = [name for name in names(folder) if before is None or name < f"{before:020}"]
    kept = [_of(folder, name) for name in found[:most]]
    return [mail for mail in kept if mail], len(found) > most


def _of(folder, name):
    path = folder / f"{name}.eml"
    try:
        with path.open("rb") as file:
            head = BytesParser(policy=policy.compat32).parsebytes(file.read(_HEAD), headersonly=True)
            return Kept(int(name[:20]), moment(int(name[:20])), path.stat().st_size, head)
    except FileNotFoundError:  # it has left meanwhile
        return None


def moment(pk):
    """Return when a mail came, which is its number in billionths of a second."""
    return datetime.fromtimestamp(min(pk, _LATEST) / 1_000_000_000, tz=UTC)


def message(folder, name):
    """Return a mail kept, parsed; None if it is not there."""
    if not NAME.fullmatch(name):
        return None
    try:
        content = (folder / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None
    return BytesParser(policy=policy.default).parsebytes(content)


def message_at(folder, pk):
    """Return the mail with this number, parsed; None if it is not there."""
    path = next(iter(folder.glob(f"{pk:020}-*.eml")), None)
    return message(folder, path.stem) if path else None


def words(part):
    """Return the text of a part, whatever it claims to be."""
    content = part.get_payload(decode=True) or b""
    try:
        return content.decode(part.get_content_charset() or "utf-8", errors="replace").replace("\0", "")
    except LookupError:
        return content.decode(errors="replace").replace("\0", "")


def file_name(part):
    """Return the name of a file on one line, "file" if it has none."""
    return " ".join((part.get_filename() or "").split())[:200] or "file"


def holding(folder):
    """Return {digest of the Message-ID: name} of all that is kept."""
    return {name.split("-")[1]: name for name in names(folder)}
