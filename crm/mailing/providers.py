"""The ways out for mail: how each is connected to, and how many mails it takes in what time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection

from crm.mailing.rows import DEFAULT

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LIMIT = re.compile(r"([1-9][0-9]{0,8})/([smhd])")


@dataclass(frozen=True)
class Limit:
    """At most `most` mails in any stretch of time of this length."""

    most: int
    period: timedelta


@dataclass(frozen=True)
class Provider:
    """`connection()` gives a mail backend of Django's, not yet open. `limits` hold over all workers together."""

    key: str
    connection: Callable
    limits: tuple[Limit, ...] = ()


def limits_of(text):
    """Return the limits that "5/s,100/m,2000/d" names. Raises ImproperlyConfigured."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    found = [match for word in words if (match := _LIMIT.fullmatch(word))]
    if len(found) < len(words):
        raise ImproperlyConfigured("EMAIL_LIMITS must be like 5/s,100/m,2000/d (mails a second, minute, hour or day).")
    return tuple(Limit(int(match[1]), timedelta(seconds=SECONDS[match[2]])) for match in found)


_providers: dict[str, Provider] = {}


def register(provider):
    """Add a way out, or put another in its place."""
    _providers[provider.key] = provider


def unregister(key):
    _providers.pop(key, None)


def provider(key):
    """Return a way out; the default one is what EMAIL_URL and EMAIL_LIMITS say. Raises LookupError."""
    if key == DEFAULT and key not in _providers:
        return Provider(DEFAULT, get_connection, limits_of(settings.EMAIL_LIMITS))
    return _providers[key]


def names():
    """Return the names of all ways out, the default first."""
    return [DEFAULT, *(key for key in _providers if key != DEFAULT)]
