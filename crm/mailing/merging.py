"""Tokens in what users write, and the fixed dictionary they are replaced from. Nothing here is ever compiled.

`{{ person.given_name }}` becomes the value, `{{ person.given_name | there }}` "there" where the value is empty. Apps
register the tokens of their records; no token reaches further than these.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from crm import standards
from crm.firm import firm

_TOKEN = re.compile(r"\{\{([^{}]{0,200})\}\}")
_INSIDE = re.compile(r"\s*([a-z]+(?:\.[a-z_]+)?)\s*(?:\|([^|]*))?")
LONGEST_VALUE = 1000  # characters


@dataclass(frozen=True)
class Token:
    """`read(record, reader)` gives the value as text. `field`: the field whose rights it follows, "" for none."""

    name: str
    label: object
    read: Callable
    field: str = ""


@dataclass(frozen=True)
class Source:
    """The tokens of one kind of thing, "person". `kind`: of the record they are read from, "" for what needs none."""

    name: str
    label: object
    tokens: tuple[Token, ...]
    kind: str = ""


_sources: dict[str, Source] = {}


class UnknownToken(ValidationError):
    """The text names something no dictionary has."""


def register(name, label, *tokens, kind=""):
    """Add the tokens of a kind of record, `register("person", _("Person"), Token(...), kind="contacts.person")`."""
    _sources[name] = Source(name, label, tokens, kind)


def sources():
    """Return every Source there is, those of records first."""
    return sorted(_sources.values(), key=lambda source: (not source.kind, source.name))


def known():
    """Return the names of all tokens, "person.given_name"."""
    return {f"{source.name}.{token.name}" for source in _sources.values() for token in source.tokens}


def dictionary(*, by=None, records=()):
    """Return {token: value} as `by` may know it: what is hidden from them is empty, what has no record is missing.

    `records` came through the door for the same reader.
    """
    found = {}
    for source in _sources.values():
        record = next((record for record in records if record.record_kind() == source.kind), None)
        if source.kind and record is None:
            continue
        for token in source.tokens:
            hidden = record is not None and token.field in record.hidden_fields
            value = "" if hidden else str(token.read(record, by) or "")
            found[f"{source.name}.{token.name}"] = standards.line(value)[:LONGEST_VALUE]
    return found


def merged(text, values):
    """Return the text with its tokens replaced, and the names of those the dictionary does not have.

    Plain text in, plain text out: to escape it is for whoever puts it into HTML. A value is never looked at again.
    """
    missing = []

    def replaced(match):
        inside = _INSIDE.fullmatch(match[1])
        if inside is None or inside[1] not in values:
            missing.append(match[1].strip())
            return standards.line(inside[2] or "") if inside else ""
        return values[inside[1]] or standards.line(inside[2] or "")

    return _TOKEN.sub(replaced, text), missing


def check(text):
    """Raise UnknownToken where a text names a token that no app has registered."""
    for match in _TOKEN.finditer(text):
        inside = _INSIDE.fullmatch(match[1])
        if inside is None or inside[1] not in known():
            raise UnknownToken(_("There is no {{ %(name)s }}."), code="token", params={"name": match[1].strip()[:60]})
    if re.search(r"\{\{(?![^{}]{0,200}\}\})", text):
        raise UnknownToken(_("A {{ is not closed by }}."), code="token")


def _of_sender(read):
    return lambda _record, by: read(by) if by is not None else ""


register(
    "sender",
    _("Whoever sends it"),
    Token("name", _("name"), _of_sender(lambda by: by.get_full_name())),
    Token("given_name", _("given name"), _of_sender(lambda by: by.given_name)),
    Token("email", _("e-mail"), _of_sender(lambda by: by.email)),
)
register(
    "firm",
    _("Our firm"),
    Token("name", _("name"), lambda _record, _by: str(firm())),
    Token("phone", _("phone"), lambda _record, _by: standards.shown_phone(firm().phone) if firm().phone else ""),
    Token("email", _("e-mail"), lambda _record, _by: firm().email),
    Token("website", _("web site"), lambda _record, _by: firm().website),
)
register("today", _("Today"), Token("date", _("date"), lambda _record, _by: date_format(timezone.localdate(), "j F Y")))
