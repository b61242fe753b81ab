"""A page of the site's history, and how much there is of it: what a list asks of the rows it shows."""

from __future__ import annotations

from dataclasses import replace

from django.utils.functional import cached_property

from crm.audit import entries, events
from crm.listing.counting import BOUND, Count
from crm.listing.paging import PAGE_SIZE, cut, falls
from crm.planner import TooSlow, time_limit


class Found:
    """The events a question asks for, as a reader may know them. `limit`: milliseconds for counting them."""

    def __init__(self, question, reader, *, limit):
        self.question, self.reader, self.limit = question, reader, limit

    @cached_property
    def count(self):
        try:
            with time_limit(self.limit):
                return events.bounded(self.question, BOUND)
        except TooSlow:
            return Count(0, more=True)

    def bounded(self, most):
        return events.bounded(self.question, most)

    def page(self, _order, *, descending, cursor=None, size=PAGE_SIZE):
        """Return a page of entries by time. Raises BadRequest for a cursor of another list."""
        keys = events.keys(self.question, falling=falls(descending, cursor), cursor=cursor, size=size + 1)
        page = cut(keys, cursor, size, events.cursor_at)
        return replace(page, rows=entries.told(page.rows, self.reader))
