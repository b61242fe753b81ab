"""Figures on record pages: when somebody last replied, what they are worth. Each app registers those it knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Figure:
    """`none`: what is said where there is no value; "" leaves the figure out. `old`: days after which it is late."""

    key: str
    label: object
    none: object = ""
    old: int | None = None


@dataclass(frozen=True)
class Source:
    """Where figures come from. `read(record)`: {key: value or None}; a key that is missing is not for its reader.

    `annotate(model, user)`: {name: expression} that come with the record, as that user may know it, bounded whatever
    the record has: a figure costs the page no query of its own. `suits(model)`: whether it has any of such records.
    """

    figures: tuple[Figure, ...]
    read: Callable
    suits: Callable
    annotate: Callable = lambda model, user: {}
    order: int = 0


@dataclass(frozen=True)
class Shown:
    """A figure with its value, as one page shows it."""

    label: object
    value: object
    none: object
    old: int | None

    @property
    def is_moment(self):
        return self.value is None or isinstance(self.value, datetime)


_sources: list[Source] = []


def register(source):
    """Make figures known; their keys begin with the app."""
    _sources.append(source)
    _sources.sort(key=lambda one: one.order)
    return source


def registered():
    return [figure for source in _sources for figure in source.figures]


def expressions(model, user):
    """Return what a record is to be fetched with, for its figures to be read."""
    wanted = [source.annotate(model, user) for source in _sources if source.suits(model)]
    return {name: expression for part in wanted for name, expression in part.items()}


def of(record):
    """Return what a record's page shows of figures, in their order; it was fetched with `expressions`."""
    shown = []
    for source in _sources:
        values = source.read(record) if source.suits(type(record)) else {}
        for figure in source.figures:
            if figure.key in values and (values[figure.key] is not None or figure.none):
                shown.append(Shown(figure.label, values[figure.key], figure.none, figure.old))
    return shown
