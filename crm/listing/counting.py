"""How many rows a list has, without ever counting a large table."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.utils.formats import number_format
from django.utils.translation import gettext as _

BOUND = 1000


@dataclass(frozen=True)
class Count:
    """A number of rows: exact, at least (`more`), or estimated."""

    number: int
    more: bool = False
    estimated: bool = False

    def __str__(self):
        shown = number_format(self.number, use_l10n=True, force_grouping=True)
        return _("about %s") % shown if self.estimated else f"{shown}+" if self.more else shown


def bounded(branches, bound=BOUND):
    """Return the number of distinct rows in the branches, at most "1,000+"."""
    parts = [branch.order_by().select_related(None).values("pk")[: bound + 1] for branch in branches]
    if not parts:
        return Count(0)
    rows = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:])[: bound + 1]
    number = rows.count()
    return Count(min(number, bound), number > bound)


def estimated(model):
    """Return what the planner's statistics say about the whole table: for those who see all of it, unfiltered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])
        number = max(cursor.fetchone()[0], 0)
    if number < 10 * BOUND:
        return None
    digits = len(str(number)) - 2
    return Count(round(number, -digits), estimated=True)
