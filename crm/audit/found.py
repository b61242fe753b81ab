"""A page of the site's history, and how much there is of it: what a list asks of the rows it shows."""

from __future__ import annotations

from django.utils.functional import cached_property

from crm.audit import entries, events
from crm.listing.counting import BOUND, Count
from crm.listing.paging import PAGE_SIZE, Page
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
        backwards = bool(cursor and cursor.backwards)
        keys = events.keys(self.question, falling=descending != backwards, cursor=cursor, size=size + 1)
        more, keys = len(keys) > size, keys[:size]
        start = cursor.before + 1 if cursor else 1
        if backwards:
            keys.reverse()
            start = max(1, cursor.before - len(keys) + 1)
        onward, back = (bool(cursor), more) if backwards else (more, bool(cursor))
        return Page(
            entries.told(keys, self.reader),
            start,
            events.cursor_at(keys[-1], False, start + len(keys) - 1) if keys and onward else None,
            events.cursor_at(keys[0], True, start - 1) if keys and back else None,
        )
