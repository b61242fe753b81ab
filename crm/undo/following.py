"""What follows from rows that were restored: registered by the app that owns it, in its undoing.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_following: dict[type, list[Callable]] = {}


@dataclass(frozen=True)
class Touched:
    """A row that an undo wrote: its id, and the columns that the act had changed, {column: value}."""

    pk: int
    before: dict
    after: dict

    def both(self, column):
        """Return what stood in a column before and after the act, as far as either is known."""
        return {side[column] for side in (self.before, self.after) if side.get(column) is not None}


def followed(*models):
    """Function decorator: call it with a model of these and [Touched] whenever rows of it were restored.

    In the same transaction it brings up to date what follows from them (dates, words), with no query a row.
    """

    def register(function):
        for model in models:
            _following.setdefault(model, []).append(function)
        return function

    return register


def follow(model, touched):
    """Bring up to date what follows from these rows of a model."""
    for function in _following.get(model, ()) if touched else ():
        function(model, touched)
