"""Long lists in the order in which rows were made, the newest first, a page at a time."""

from __future__ import annotations

from crm import parsing

PAGE = 50  # rows


def page_of(rows, request):
    """Return (the rows of the page that is asked for, the id that leads on to older ones, None at the end).

    `before` in the address is such an id. Raises BadInput for one that is none.
    """
    before = parsing.identifier(request.GET.get("before"), default=None)
    rows = rows.filter(pk__lt=before) if before else rows
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None
