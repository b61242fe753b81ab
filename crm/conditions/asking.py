"""Who asks, and when: what a condition means depends on both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from crm import standards
from crm.access import access_of


@dataclass(frozen=True)
class Asker:
    """A user, the moment they ask at, and the zone in which their days begin."""

    user: Any
    now: datetime
    zone: ZoneInfo

    @classmethod
    def of(cls, user, now=None):
        """Return the asker a user is now, or at another moment."""
        return cls(user, now or timezone.now(), standards.zone_of(user))

    @property
    def access(self):
        return access_of(self.user)

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def start(self, day):
        """Return the moment a day begins in the asker's zone; where midnight is skipped, the first moment after."""
        return datetime.combine(day, time.min, self.zone)

    def days_ago(self, days):
        return self.today - timedelta(days=days)
