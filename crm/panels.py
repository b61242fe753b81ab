"""Panels that apps put on the record pages of others, without either importing the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SLOTS = ("above_history", "facts", "related")


@dataclass(frozen=True)
class Panel:
    """`context(record, request)` gives what `template` shows, or None where it has no place."""

    slot: str
    template: str
    context: Callable
    order: int = 0


_panels: list[Panel] = []


def register(panel):
    """Make a panel known."""
    _panels.append(panel)
    _panels.sort(key=lambda entry: entry.order)
    return panel


def of(record, request):
    """Return {slot: [(template, context)]} for one record page."""
    shown: dict[str, list] = {slot: [] for slot in SLOTS}
    for panel in _panels:
        context = panel.context(record, request)
        if context is not None:
            shown[panel.slot].append((panel.template, context))
    return shown
