"""Ports: what an app offers to the others by name, so that sisters work together without importing each other.

In the app that can: `@ports.offer("sales.issue_credit_note", _("Issue a credit note"))` above
`def issue_credit_note(*, invoice, by)`. In an app that needs it: `ports.call("sales.issue_credit_note", ...)`.
Actions, panels and figures of record pages are ports, too: `crm.record_actions`, `crm.panels`, `crm.figures`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from crm.firm import firm


class NotOffered(LookupError):
    """No app offers this, or the one that does is switched off."""


@dataclass(frozen=True)
class Port:
    """A function offered by name. `parameters` are its keywords, in order."""

    name: str
    label: object
    function: Callable
    parameters: tuple[str, ...]

    @property
    def owner(self):
        return self.name.partition(".")[0]


_offered: dict[str, Port] = {}


def offer(name, label):
    """Offer the function below to other apps as "app.verb". It takes keywords only, and says `by` whom it is asked.

    Raises ValueError for another form of name or function, or a name that is taken.
    """

    def register(function):
        parameters = inspect.signature(function).parameters.values()
        by_keyword = all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in parameters)
        names = tuple(one.name for one in parameters)
        if name.count(".") != 1 or name in _offered or not by_keyword or "by" not in names:
            raise ValueError(f"{name!r} is no new app.verb of keywords with `by`")
        _offered[name] = Port(name, label, function, names)
        return function

    return register


def offered():
    """Return every port there is, by name."""
    return dict(sorted(_offered.items()))


def is_offered(name):
    """Whether somebody offers this and is switched on: ask before a button is shown."""
    port = _offered.get(name)
    return port is not None and port.owner not in firm().apps_off


def call(name, /, **arguments):
    """Call what another app offers, in the caller's transaction; return its answer.

    The app that offers it asks for the rights of `by` itself. Raises NotOffered, and what the function raises.
    """
    if not is_offered(name):
        raise NotOffered(f"no app that is switched on offers {name!r}")
    return _offered[name].function(**arguments)
