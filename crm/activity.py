"""What a user did, day by day: figures that apps register in their `activity.py`, and the changes on record.

Only aggregates: no name, no text. What is private counts for its owner alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone


@dataclass(frozen=True)
class Span:
    """Whole days in the viewer's zone, today the last."""

    first: date
    days: int

    @classmethod
    def of(cls, days):
        """Return the last so many days, today included."""
        return cls(timezone.localdate() - timedelta(days=days - 1), days)

    @property
    def dates(self):
        return [self.first + timedelta(days=number) for number in range(self.days)]

    @property
    def moments(self):
        """Return (from, to) as moments; the end is excluded."""
        ends = (self.first, self.first + timedelta(days=self.days))
        return tuple(timezone.make_aware(datetime.combine(day, time.min)) for day in ends)


@dataclass(frozen=True)
class Figure:
    """Something counted; `label` names it."""

    key: str
    label: object


@dataclass(frozen=True)
class Source:
    """Where figures come from. `counts(user, reader, span)`: one bounded query; yields (key of a figure, day, number).

    `models`: kinds of record that it counts when they are made, and that "records created" leaves to it.
    """

    figures: tuple[Figure, ...]
    counts: Callable
    order: int = 0
    models: tuple[type, ...] = ()


@dataclass
class Activity:
    """The figures of one user over a span: `numbers[figure key][day]`."""

    span: Span
    figures: list[Figure]
    numbers: dict[str, dict[date, int]] = field(default_factory=dict)

    def total(self, figure):
        return sum(self.numbers[figure.key].values())

    def on(self, day):
        return [self.numbers[figure.key].get(day, 0) for figure in self.figures]


_sources: list[Source] = []


def register(source):
    """Make a source of figures known."""
    _sources.append(source)
    _sources.sort(key=lambda one: one.order)
    return source


def counted_elsewhere():
    """Return the kinds of record that have a figure of their own."""
    return {model for source in _sources for model in source.models}


def by_day(rows, moment, span, *, keys=()):
    """Yield (values of `keys`, day, number) of the rows whose `moment` lies in the span; the days are the viewer's."""
    first, last = span.moments
    within = rows.filter(**{f"{moment}__gte": first, f"{moment}__lt": last}).order_by()
    counted = within.annotate(day=TruncDate(moment)).values(*keys, "day").annotate(number=Count("pk"))
    for row in counted:
        yield tuple(row[key] for key in keys), row["day"], row["number"]


def of(user, reader, span):
    """Return what a user did in a span, as the reader may know it; one query a source."""
    figures = [figure for source in _sources for figure in source.figures]
    found = Activity(span, figures, {figure.key: {} for figure in figures})
    for source in _sources:
        for key, day, number in source.counts(user, reader, span):
            numbers = found.numbers[key]
            numbers[day] = numbers.get(day, 0) + number
    return found
