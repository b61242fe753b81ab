"""What the development sink got, as files: one mail each, written whole before the sink says that it has it.

The program is crm/launcher/mail_sink.py. Both only ever hold the newest mails; older ones leave.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import Message
from email.parser import BytesParser
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from crm.mime import attachments, bodies, fields, reading, structure
from crm.mime.refusal import Refused

NAME = re.compile(r"[0-9]{20}-[0-9a-f]{16}-[0-9a-f]{8}")
_LATEST = 4_000_000_000_000_000_000  # in the year 2096
_HEAD = 64 * 1024  # bytes read for a line in a list


@dataclass(frozen=True)
class Kept:
    """A mail the sink got: its number, when it came, and its head, with the envelope it came in."""

    pk: int
    path: Path
    size: int
    head: Message

    @property
    def at(self):
        return moment(self.pk)

    @property
    def subject(self):
        return shown(self.head["Subject"])

    @property
    def to(self):
        return shown(self.head["X-Envelope-To"])

    @property
    def sender(self):
        return shown(self.head["From"])

    def opened(self):
        """Return what is in it, None if it has left meanwhile."""
        try:
            return Opened.of(self.path.read_bytes())
        except FileNotFoundError:
            return None


@dataclass(frozen=True)
class Opened:
    """What is in a mail: its texts, HTML pages and files, as parts of the raw mail; none where it is no mail at all."""

    raw: bytes
    texts: list
    pages: list
    files: list

    @classmethod
    def of(cls, raw):
        try:
            return cls(raw, *reading.parted(structure.read(raw)))
        except Refused:
            return cls(raw, [], [], [])

    def words(self, part):
        """Return the text of a part, whatever it claims to be."""
        return reading.decoded(self.raw, part)

    def content(self, part):
        """Return the bytes of a part."""
        return b"".join(bodies.pieces(self.raw, part.start, part.end, part.encoding))

    def names(self):
        """Return the names of its files."""
        return [attachments.name_of(part, number) for number, part in enumerate(self.files, 1)]

    def pictures(self):
        """Return the pictures its HTML may name, {Content-ID: (type, bytes)}."""
        shown = [part for part in self.files if part.type in attachments.PICTURES and attachments.content_id(part)]
        return {attachments.content_id(part): (part.type, self.content(part)) for part in shown}


def shown(value):
    """Return a header as text, whatever it holds."""
    return fields.text(str(value or ""))


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


def at(folder, pk):
    """Return the mail with this number, None if it is not there."""
    path = next(iter(folder.glob(f"{pk:020}-*.eml")), None)
    return _of(folder, path.stem) if path else None


def _of(folder, name):
    path = folder / f"{name}.eml"
    try:
        with path.open("rb") as file:
            head = BytesParser(policy=policy.compat32).parsebytes(file.read(_HEAD), headersonly=True)
            return Kept(int(name[:20]), path, path.stat().st_size, head)
    except FileNotFoundError:  # it has left meanwhile
        return None


def moment(pk):
    """Return when a mail came, which is its number in billionths of a second."""
    return datetime.fromtimestamp(min(pk, _LATEST) / 1_000_000_000, tz=UTC)


def holding(folder):
    """Return {digest of the Message-ID: name} of all that is kept."""
    return {name.split("-")[1]: name for name in names(folder)}
