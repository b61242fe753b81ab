"""What users write, in a few marks that are safe by themselves: paragraphs, lists, headings, **bold**, [links](https://…).

A text is taken apart first and merged afterwards, so that no value can become a mark, a link or HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from crm.mailing.merging import merged

_SPAN = re.compile(
    r"\*\*(?P<bold>[^*\n]{1,500})\*\*"
    r"|\[(?P<label>[^\]\[\n]{1,200})\]\((?P<url>(?:[^()\s{}]|\{\{[^{}()]{0,100}\}\}){1,500})\)"
    r"|(?P<bare>https?://[^\s<>\"']{1,500}[^\s<>\"'.,;:!?)])"
)
SCHEMES = {"http", "https", "mailto", "tel"}


@dataclass(frozen=True)
class Span:
    """A stretch of a line: its words, whether they are bold, and where they lead."""

    text: str
    bold: bool = False
    url: str = ""


@dataclass(frozen=True)
class Block:
    """A "paragraph", "heading" or "list": its lines, each a list of spans."""

    kind: str
    lines: tuple[tuple[Span, ...], ...]


def blocks(text):
    """Return the text as blocks. Blank lines part paragraphs; "# " begins a heading, "- " a line of a list."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    found = []
    for part in re.split(r"\n[^\S\n]*\n+", text.strip("\n")):
        lines = [line.rstrip() for line in part.split("\n") if line.strip()]
        if lines:
            found += _of_lines(lines)
    return found


def _of_lines(lines):
    """Return the blocks of lines that stand together: runs of the same kind."""
    found: list[tuple[str, list]] = []
    for line in lines:
        kind, words = _kind_of(line)
        if not found or found[-1][0] != kind or kind == "heading":
            found.append((kind, []))
        found[-1][1].append(tuple(spans(words)))
    return [Block(kind, tuple(rows)) for kind, rows in found]


def _kind_of(line):
    for mark, kind in (("# ", "heading"), ("- ", "list"), ("* ", "list")):
        if line.startswith(mark):
            return kind, line[2:]
    return "paragraph", line


def spans(line):
    """Return a line's words, bold words and links, in order."""
    found, at = [], 0
    for match in _SPAN.finditer(line):
        if match.start() > at:
            found.append(Span(line[at : match.start()]))
        found.append(_span(match))
        at = match.end()
    return [*found, Span(line[at:])] if at < len(line) or not found else found


def _span(match):
    if match["bold"]:
        return Span(match["bold"], bold=True)
    if match["bare"]:
        return Span(match["bare"], url=match["bare"])
    return Span(match["label"], url=match["url"])


def filled(parts, values):
    """Return the blocks with their tokens replaced, and the names of those missing. A bad link becomes text."""
    missing: list[str] = []

    def fill(span):
        words, unknown = merged(span.text, values)
        url, also = merged(span.url, values)
        missing.extend(unknown + also)
        return replace(span, text=words, url=url if is_link(url) else "")

    return [Block(part.kind, tuple(tuple(map(fill, line)) for line in part.lines)) for part in parts], missing


def linked(parts):
    """Return blocks that hold no tokens as they are; a link that leads nowhere is text."""
    return [Block(part.kind, tuple(tuple(_checked(span) for span in line) for line in part.lines)) for part in parts]


def _checked(span):
    return span if is_link(span.url) else replace(span, url="")


def is_link(url):
    """Whether an address is one a mail may lead to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.netloc or parts.path) and not re.search(r"[\s<>\"'\\\x00-\x1f]", url)


def plain(parts):
    """Return blocks as plain text: list marks, and a link's address behind its words."""

    def said(span):
        return f"{span.text} ({span.url})" if span.url and span.url != span.text else span.text

    def line(kind, row):
        return ("- " if kind == "list" else "") + "".join(map(said, row))

    return "\n\n".join("\n".join(line(part.kind, row) for row in part.lines) for part in parts)
