"""The sections of the site, registered by the apps that have them, and what "New" offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.urls import reverse


@dataclass(frozen=True)
class Section:
    """One entry of the rail. `kind` and `action` (or one of several each): whom it is shown to.

    `count(user)`: a quiet number, or None.

    `app`: it goes with this app where that is switched off. `text`: one line on what it is for, in Settings.
    """

    label: object
    url_name: str
    icon: str
    order: int
    kind: str | tuple[str, ...] = ""
    action: str | tuple[str, ...] = "view"
    group: str = ""
    count: Callable | None = None
    prefixes: tuple[str, ...] = ()
    key: str = ""
    dialog: bool = False
    app: str = ""
    text: object = ""

    def is_for(self, user):
        on = not self.app or user.access.is_on(self.app)
        kinds = (self.kind,) if isinstance(self.kind, str) else self.kind
        actions = (self.action,) if isinstance(self.action, str) else self.action
        return on and (not self.kind or any(user.access.may(kind, action) for kind in kinds for action in actions))


@dataclass(frozen=True)
class Item:
    """A section as one page shows it."""

    label: object
    url: str
    icon: str
    count: int | str | None
    current: bool
    key: str
    dialog: bool
    text: object


_sections: list[Section] = []
_new: list[Section] = []
_settings: list[Section] = []


def section(**fields):
    """Add a section to the rail."""
    _sections.append(Section(**fields))
    _sections.sort(key=lambda entry: entry.order)


def new(**fields):
    """Add an entry to the "New" menu; shown to those whose role may create such a record."""
    _new.append(Section(**{"action": "create", **fields}))
    _new.sort(key=lambda entry: entry.order)


def setting(**fields):
    """Add a page to Settings."""
    _settings.append(Section(**fields))
    _settings.sort(key=lambda entry: entry.order)


def home(user):
    """Return the address of the first section this user has, else of their account."""
    return reverse(next((entry.url_name for entry in _sections if entry.is_for(user)), "account"))


def _item(entry, request):
    url = reverse(entry.url_name)
    at = request.path
    current = at == url or any(at.startswith(prefix) for prefix in entry.prefixes)
    count = entry.count(request.user) if entry.count else None
    return Item(entry.label, url, entry.icon, count, current, entry.key, entry.dialog, entry.text)


def context(request):
    """Context processor: `navigation` (groups of items) and `new_items`, made once and only when a template asks."""
    user = getattr(request, "user", None)
    if not getattr(user, "is_authenticated", False):
        return {}

    @cache
    def groups():
        shown = [entry for entry in _sections if entry.is_for(user)]
        names = dict.fromkeys(entry.group for entry in shown)
        return [(name, [_item(entry, request) for entry in shown if entry.group == name]) for name in names]

    return {
        "navigation": groups,
        "settings_items": lambda: [_item(entry, request) for entry in _settings if entry.is_for(user)],
        "new_items": lambda: [_item(entry, request) for entry in _new if entry.is_for(user)],
    }
