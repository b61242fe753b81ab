"""Why two records may be one, as a reader may know it: lines in words and points, drawn as bars that add up.

A point is a power of two: each one more doubles the odds that they are the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor, log

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import duplicates
from crm.matching.weighing import probability

WIDTH = 320  # of the drawing, stretched to the width there is
NARROWEST = 2
WORDS = (
    (0.999, gettext_lazy("Almost certainly the same")),
    (0.95, gettext_lazy("Very likely the same")),
    (0.8, gettext_lazy("Likely the same")),
    (0.5, gettext_lazy("Perhaps the same")),
)


@dataclass
class Line:
    """One bar: what it is about, in words, its points (one decimal), and where it stands."""

    label: str
    words: str
    points: float
    css: str
    x: float = 0
    width: float = 0

    @property
    def signed(self):
        """Return "+8.4" or, with a minus sign, "−2.6"."""
        return f"{self.points:+.1f}".replace("-", "−")


@dataclass(frozen=True)
class Reasons:
    """The evidence of a pair for one reader: lines from the prior on, their sum, where nothing speaks either way."""

    lines: list[Line]
    total: Line
    zero: float
    weight: float

    @property
    def percent(self):
        return percent(self.weight)

    @property
    def words(self):
        return words(self.weight)


def percent(weight):
    """Return the probability of log odds: "over 99.99%", "98%"; never rounded up."""
    share = float(probability(weight))
    if share >= 0.9999:
        return _("over 99.99%")
    places = 2 if share >= 0.99 else 0
    return f"{floor(share * 100 * 10**places) / 10**places:.{places}f}%"


def words(weight):
    """Return the probability of log odds in words."""
    share = float(probability(weight))
    return next((said for least, said in WORDS if share >= least), _("Rather not the same"))


def reasons(suggestion, specification, *, hidden=frozenset(), unknown=(), counts=True):
    """Return the Reasons of a suggestion for one reader.

    `hidden`: names of fields they may not know; `unknown`: comparisons of which they may not know the outcome of this
    pair. What these say is one line without words. `counts`: they may know how many records hold a value.
    """
    kind = duplicates.numbered(suggestion.kind)
    told = duplicates.told(suggestion, specification)
    lines, rest = [], 0.0
    for one in told.lines:
        if one.comparison in unknown or not hidden.isdisjoint(kind.tells.get(one.comparison, ())):
            rest += one.weight
        else:
            one = one if counts else replace(one, holders=min(one.holders, 2))
            lines.append(_line(kind.labels.get(one.comparison, one.comparison), _said(kind, one, told), one.weight))
    if rest:
        lines.append(_line(_("Something you may not see"), "", rest))
    lines = [line for line in lines if line.points]
    total = Line(_("Score"), "", round(suggestion.weight / log(2), 1), "w-sum")
    prior = round(total.points - sum(line.points for line in lines), 1)
    lines.insert(0, Line(_("Any two records"), _("before any field"), prior, "w-base"))
    return _drawn(lines, total, suggestion.weight)


def _said(kind, line, told):
    return kind.worded(line, max(told.population, 1))


def _line(label, said, weight):
    return Line(str(label), str(said), round(weight / log(2), 1), "w-up" if weight > 0 else "w-down")


def _drawn(lines, total, weight):
    """Put each bar where the one before it ends, the sum at zero."""
    ends, at = [0.0], 0.0
    for line in lines:
        at += line.points
        ends.append(at)
    low, high = min(ends), max(ends)
    scale = WIDTH / ((high - low) or 1)
    for line, begin, end in zip(lines, ends, ends[1:], strict=False):
        _place(line, begin, end, low, scale)
    _place(total, 0, total.points, low, scale)
    return Reasons(lines, total, round(-low * scale, 1), weight)


def _place(line, begin, end, low, scale):
    line.width = max(round(abs(end - begin) * scale, 1), NARROWEST)
    line.x = min(round((min(begin, end) - low) * scale, 1), WIDTH - line.width)
