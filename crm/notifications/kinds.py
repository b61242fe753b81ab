"""What users can be told of. Apps declare the kinds; a user chooses for each how they hear of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

NEVER, AT_ONCE, DIGEST = "never", "at_once", "digest"


class Undeclared(LookupError):
    """No app has declared a notification of this kind."""


@dataclass(frozen=True)
class Kind:
    """`words(notification, subject)`: one sentence; `subject` is the record's name, None if its reader may not know it.

    `mail`: how it is mailed to somebody who has not chosen.
    """

    key: str
    label: object
    words: Callable
    icon: str
    mail: str


_kinds: dict[str, Kind] = {}


def declare(key, label, *, words, icon="bell", mail=DIGEST):
    """Make a kind of notification known: "app.what". Raises ValueError for another form or a key that is taken."""
    if key.count(".") != 1 or key in _kinds or mail not in (NEVER, AT_ONCE, DIGEST):
        raise ValueError(f"{key!r} is no new app.what")
    _kinds[key] = Kind(key, label, words, icon, mail)
    return _kinds[key]


def declared():
    """Return every kind, by key."""
    return dict(_kinds)


def kind_of(key):
    """Return the kind of this key. Raises Undeclared."""
    try:
        return _kinds[key]
    except KeyError:
        raise Undeclared(f"no app declares a notification {key!r}") from None
