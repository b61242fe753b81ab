"""What was merged into a record, on its page."""

from __future__ import annotations

from crm import merging, panels


def _merged(record, request):
    if not getattr(record, "is_survivor", False) or not request.user.access.covers(record, "edit"):
        return None
    found = merging.merged_into(record, request.user)
    return {"merges": found, "record": record} if found else None


panels.register(panels.Panel("facts", "quality/_merged.html", _merged, order=90))
