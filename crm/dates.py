"""Moments as a colleague would say them, in the viewer's time zone."""

from datetime import datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

WEEK, FORTNIGHT, HALF_YEAR = timedelta(days=6), timedelta(days=14), timedelta(days=183)


class Viewer:
    """Where, when and in which language moments are looked at: asked for once, where many are."""

    def __init__(self):
        self.zone = timezone.get_current_timezone()
        self.now = timezone.now().astimezone(self.zone)
        self.today = self.now.date()
        self.language = get_language()


class At:
    """A moment, or a plain day, as its viewer sees it."""

    def __init__(self, moment, viewer=None):
        viewer = viewer or Viewer()
        self.is_day = not isinstance(moment, datetime)
        self.moment = moment if self.is_day else moment.astimezone(viewer.zone)
        self.day = moment if self.is_day else self.moment.date()
        self.now, self.today, self.language = viewer.now, viewer.today, viewer.language

    @property
    def clock(self):
        """Return "09:12", or "" for a plain day."""
        return "" if self.is_day else f"{self.moment:%H:%M}"

    @property
    def spoken(self):
        """Return "Today 09:12", "Yesterday", "Tue", "Fri 13 Nov", "28 Sep" or "Mar 2025"; the days ahead with time."""
        text = _spoken(self.day, self.today, self.language)
        near = self.today <= self.day <= self.today + WEEK
        return f"{text} {self.clock}".strip() if near else text

    @property
    def in_full(self):
        """Return "Friday 20 November 2026, 09:12", for titles."""
        text = _in_full(self.day, self.language)
        return text if self.is_day else f"{text}, {self.clock}"

    @property
    def age(self):
        """Return the time from its day to today; below nothing for days ahead."""
        return self.today - self.day

    @property
    def days_late(self):
        """Return how many days ago something was due; 0 today and later."""
        return max(0, self.age.days)

    @property
    def is_late(self):
        """True when a moment has passed or a plain day lies behind."""
        return self.day < self.today if self.is_day else self.moment < self.now

    @property
    def spoken_due(self):
        """Return "3 days late", "Late, 09:00", "Today 15:30", or how the day is said."""
        days = self.days_late
        if days:
            return ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days}
        return _("Late, %(clock)s") % {"clock": self.clock} if self.is_late else self.spoken

    @property
    def beside(self):
        """Return what stands beside an entry of a timeline: its time within a week, "Wed 4" before that."""
        return self.clock if self.clock and abs(self.age) <= WEEK else date_format(self.day, "D j")

    @property
    def heading(self):
        """Return what stands over a group of a timeline: a day for two weeks, then the month, then the year."""
        return _heading(self.day, self.today, self.language)


@lru_cache(maxsize=4096)
def _spoken(day, today, _language):
    """Return the day without its time of day."""
    near = {0: _("Today"), -1: _("Yesterday"), 1: _("Tomorrow")}
    distance = day - today
    if distance.days in near:
        return near[distance.days]
    if abs(distance) <= WEEK:
        return date_format(day, "D")
    if abs(distance) <= FORTNIGHT:
        return date_format(day, "D j M")
    if day.year == today.year or abs(distance) < HALF_YEAR:
        return date_format(day, "j M")
    return date_format(day, "M Y")


@lru_cache(maxsize=4096)
def _in_full(day, _language):
    return date_format(day, "l j F Y")


@lru_cache(maxsize=4096)
def _heading(day, today, _language):
    near = {0: _("Today"), 1: _("Yesterday"), -1: _("Tomorrow")}
    if (today - day).days in near:
        return near[(today - day).days]
    if abs(day - today) <= FORTNIGHT:
        return date_format(day, "l j F")
    if (day.year, day.month) == (today.year, today.month) and day < today:
        return _("Earlier in %(month)s") % {"month": date_format(day, "F")}
    return date_format(day, "F Y") if day.year == today.year or abs(day - today) < 2 * HALF_YEAR else str(day.year)


def clock(moment):
    return At(moment).clock


def spoken(moment):
    return At(moment).spoken


def in_full(moment):
    return At(moment).in_full


def days_late(moment):
    return At(moment).days_late


def spoken_due(moment):
    return At(moment).spoken_due


def beside(moment):
    return At(moment).beside


def heading(moment):
    return At(moment).heading
