"""What one can do from a record's page, registered by the apps that can do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

PLACES = ("head", "menu")


@dataclass(frozen=True)
class Action:
    """A link on record pages. `url(record, user)`: where it leads, None where it has no place.

    `place`: beside the heading or in its menu. `dialog`: it opens over the page.
    """

    key: str
    label: object
    icon: str
    url: Callable
    place: str = "menu"
    order: int = 0
    dialog: bool = False


@dataclass(frozen=True)
class Link:
    """An action as one page shows it."""

    label: object
    icon: str
    url: str
    dialog: bool


_actions: list[Action] = []


def register(action):
    """Make an action known; `action.key` begins with its app. Raises ValueError for an unknown place."""
    if action.place not in PLACES:
        raise ValueError(f"{action.key}: {action.place} is none of {PLACES}")
    _actions.append(action)
    _actions.sort(key=lambda entry: entry.order)
    return action


def registered():
    return list(_actions)


def of(record, user):
    """Return {place: links} of one record page."""
    shown: dict[str, list[Link]] = {place: [] for place in PLACES}
    for action in _actions:
        if url := action.url(record, user):
            shown[action.place].append(Link(action.label, action.icon, url, action.dialog))
    return shown
