"""Where the parts of a mail begin and end. Nothing is copied: a part is a head and two offsets into the raw mail.

The standard library's parser makes an object of every line and calls itself for every level: a mail of 25 MB takes it
past any limit of memory. Here the work grows with the length of the mail times its depth, whatever stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

from crm.mime import limits, refusal, words
from crm.mime.refusal import Refused

BLANK = re.compile(rb"\n\r?\n")
FIELD = re.compile(r"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
ENVELOPE = re.compile(rb">?From [^\n]{0,998}\n")
ENCODINGS = ("base64", "quoted-printable")


@dataclass
class Part:
    """A mail or a part of one. `start`, `end`: where its body stands in the raw mail."""

    fields: dict[str, list[str]]
    start: int
    end: int
    depth: int = 0
    type: str = "text/plain"
    encoding: str = ""
    inside: list[Part] = field(default_factory=list)

    def get(self, name, default=""):
        """Return the first field of this name, as it came."""
        return self.fields.get(name, [default])[0]

    def parameter(self, name, of="content-type"):
        """Return a parameter of a field ("charset" of the type), "" if there is none."""
        message = Message()
        try:
            message[of] = self.get(of)[:4000].replace("\n", " ").replace("\r", " ")
            value = message.get_param(name, "", of)
        except (ValueError, LookupError, TypeError, IndexError, AttributeError):
            return ""
        if isinstance(value, tuple):
            value = words.text_of((value[2] or "").encode("latin-1", "replace"), value[0] or "")
        return value or ""

    def walk(self):
        """Yield the parts that hold something, in their order."""
        if not self.inside:
            yield self
        for part in self.inside:
            yield from part.walk()


def read(raw):
    """Return the Part a raw mail is, with those inside it. Raises Refused."""
    if len(raw) > limits.MOST_BYTES:
        raise Refused(refusal.TOO_BIG)
    start = envelope.end() if (envelope := ENVELOPE.match(raw)) else 0
    whole = _part(raw, start, len(raw), 0, limits.HEADER_BYTES)
    if not whole.fields:
        raise Refused(refusal.BROKEN)
    _open(raw, whole, [0])
    return whole


def head_end(raw, start, end, most):
    """Return (where the head ends, where the body begins). Raises Refused for a head longer than `most` bytes."""
    for blank in (b"\r\n", b"\n"):
        if raw.startswith(blank, start, end):
            return start, start + len(blank)
    found = BLANK.search(raw, start, min(end, start + most + 2))
    if found:
        return found.start() + 1, found.end()
    if end - start > most:
        raise Refused(refusal.HEADER)
    return end, end


def head_fields(raw, start, end):
    """Return {name in lower case: values as they came} of a head; lines that are no fields are passed over."""
    found: dict[str, list[str]] = {}
    text = words.text_of(raw[start:end]).replace("\r\n", "\n")
    folded = re.sub(r"\n(?=[ \t])", "", text)
    for number, row in enumerate(folded.split("\n")):
        if number > limits.MOST_HEADERS:
            raise Refused(refusal.HEADER)
        if named := FIELD.fullmatch(row):
            found.setdefault(named[1].lower(), []).append(named[2].strip())
    return found


def _part(raw, start, end, depth, most):
    head, body = head_end(raw, start, end, most)
    part = Part(head_fields(raw, start, head), body, end, depth)
    kind = part.get("content-type").partition(";")[0].strip().lower()
    part.type = kind if re.fullmatch(r"[a-z0-9.+_-]{1,60}/[a-z0-9.+_-]{1,80}", kind) else "text/plain"
    encoding = part.get("content-transfer-encoding").partition(";")[0].strip().lower()
    part.encoding = encoding if encoding in ENCODINGS else ""
    return part


def _open(raw, part, count):
    """Find the parts inside. Raises Refused for too many, or too deep."""
    boundary = part.parameter("boundary")[:200].encode("utf-8", "replace") if _is_multipart(part) else b""
    if not boundary:
        return
    if part.depth >= limits.DEPTH:
        raise Refused(refusal.TOO_DEEP)
    for start, end in _sections(raw, part.start, part.end, boundary):
        count[0] += 1
        if count[0] > limits.PARTS:
            raise Refused(refusal.TOO_MANY)
        inner = _part(raw, start, end, part.depth + 1, limits.PART_HEADER_BYTES)
        part.inside.append(inner)
        _open(raw, inner, count)


def _is_multipart(part):
    return part.type.startswith("multipart/")


def _sections(raw, start, end, boundary):
    """Yield (start, end) of what stands between lines of this boundary; a missing last one is the end."""
    mark, opened, false = b"--" + boundary, None, 0
    at = start if raw.startswith(mark, start, end) else _next(raw, mark, start, end)
    while at >= 0:
        line_end = raw.find(b"\n", at, end)
        line_end = end if line_end < 0 else line_end
        tail = raw[at + len(mark) : min(line_end, at + len(mark) + 100)].strip()
        if tail in (b"", b"--"):
            if opened is not None:
                yield opened, max(opened, _before(raw, at))
            opened = None if tail else min(line_end + 1, end)
            if tail:
                return
        else:
            false += 1
            if false > limits.FALSE_BOUNDARIES:
                raise Refused(refusal.TOO_MANY)
        at = _next(raw, mark, line_end, end)
    if opened is not None:
        yield opened, end


def _next(raw, mark, start, end):
    """Return where the next line that begins with the mark begins, -1 if none does."""
    at = raw.find(b"\n" + mark, max(start - 1, 0), end)
    return at + 1 if at >= 0 else -1


def _before(raw, at):
    """Return where the line before `at` ends: the line end before a boundary belongs to the boundary."""
    at -= 1
    return at - 1 if raw[at - 1 : at] == b"\r" else at
