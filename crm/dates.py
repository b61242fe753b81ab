"""Moments as a colleague would say them, in the viewer's time zone."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

WEEK, FORTNIGHT, HALF_YEAR = timedelta(days=6), timedelta(days=14), timedelta(days=183)


def local(moment):
    """Return a datetime in the viewer's zone; a plain date stays what it is."""
    return timezone.localtime(moment) if isinstance(moment, datetime) else moment


def day_of(moment) -> date:
    moment = local(moment)
    return moment.date() if isinstance(moment, datetime) else moment


def clock(moment):
    """Return "09:12", or "" for a plain date."""
    return f"{local(moment):%H:%M}" if isinstance(moment, datetime) else ""


def spoken(moment):
    """Return "Today 09:12", "Yesterday", "Tue", "Fri 13 Nov", "28 Sep" or "Mar 2025"; the days ahead with time."""
    day, today = day_of(moment), timezone.localdate()
    if day == today:
        return f"{_('Today')} {clock(moment)}".strip()
    if day == today - timedelta(days=1):
        return _("Yesterday")
    ahead = f" {clock(moment)}".rstrip() if day > today else ""
    if day == today + timedelta(days=1):
        return f"{_('Tomorrow')}{ahead}"
    return _far(day, today, ahead)


def _far(day, today, ahead):
    distance = abs(day - today)
    if distance <= WEEK:
        return date_format(day, "D") + ahead
    if distance <= FORTNIGHT:
        return date_format(day, "D j M")
    if day.year == today.year or distance < HALF_YEAR:
        return date_format(day, "j M")
    return date_format(day, "M Y")


def in_full(moment):
    """Return "Friday 20 November 2026, 09:12", for titles."""
    text = date_format(day_of(moment), "l j F Y")
    return f"{text}, {clock(moment)}" if clock(moment) else text


def days_late(moment):
    """Return how many days ago something was due; 0 today and later."""
    return max(0, (timezone.localdate() - day_of(moment)).days)


def is_late(moment):
    """True when a moment has passed or a plain day lies behind."""
    return moment < timezone.now() if isinstance(moment, datetime) else moment < timezone.localdate()


def spoken_due(moment):
    """Return "3 days late", "Late, 09:00", "Today 15:30", or how the day is said."""
    days = days_late(moment)
    if days:
        return ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days}
    if is_late(moment):
        return _("Late, %(clock)s") % {"clock": clock(moment)}
    return spoken(moment)


def beside(moment):
    """Return what stands beside an entry of a timeline: the time of day within a week, "Wed 4" before that."""
    day, today = day_of(moment), timezone.localdate()
    return clock(moment) if clock(moment) and abs(day - today) <= WEEK else date_format(day, "D j")


def heading(moment):
    """Return what stands over a group of a timeline: a day for two weeks, then the month, then the year."""
    day, today = day_of(moment), timezone.localdate()
    near = {0: _("Today"), 1: _("Yesterday"), -1: _("Tomorrow")}
    if (today - day).days in near:
        return near[(today - day).days]
    if abs(day - today) <= FORTNIGHT:
        return date_format(day, "l j F")
    if (day.year, day.month) == (today.year, today.month) and day < today:
        return _("Earlier in %(month)s") % {"month": date_format(day, "F")}
    return date_format(day, "F Y") if day.year == today.year or abs(day - today) < 2 * HALF_YEAR else str(day.year)
