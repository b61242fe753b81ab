"""When mail goes to a user: at once but in their quiet hours, or at the time of their digest; right over DST."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crm.notifications.kinds import AT_ONCE, NEVER


def moment(day, at, zone):
    """Return when the clocks of a zone first show a time on a day, in UTC.

    A time the clocks leap over is as far after the leap as it would have been after its beginning (2:30 is 3:30).
    """
    return datetime.combine(day, at, zone).astimezone(UTC)


def mail_moment(choice, habit, zone, now):
    """Return when to mail what a user is told now; None for never."""
    if choice == NEVER:
        return None
    return after_quiet(now if choice == AT_ONCE else next_digest(habit, zone, now), habit, zone)


def next_digest(habit, zone, now):
    """Return the first moment after now at which the digest comes."""
    today = now.astimezone(zone).date()
    due = moment(today, habit.digest_at, zone)
    return due if due > now else moment(today + timedelta(days=1), habit.digest_at, zone)


def after_quiet(at, habit, zone):
    """Return this moment, or the end of the quiet hours it lies in."""
    local = at.astimezone(zone)
    if not habit.is_quiet(local.time()):
        return at
    end = moment(local.date(), habit.quiet_to, zone)
    return end if end > at else moment(local.date() + timedelta(days=1), habit.quiet_to, zone)
