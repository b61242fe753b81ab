"""What can be chosen for the rows of a file, and in which words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

BOTH, CREATE, UPDATE = "both", "create", "update"
MODES = {
    BOTH: _("Add new ones, update those there"),
    CREATE: _("Only add new ones"),
    UPDATE: _("Only update those there"),
}
ASK, SKIP, TAKE, MERGE = "ask", "skip", "update", "merge"
DOUBLES = {
    ASK: _("Add them, and ask on the page of duplicates"),
    SKIP: _("Leave them out"),
    TAKE: _("Update the record if it is nearly certain, else add and ask"),
    MERGE: _("Merge with the record if it is nearly certain, else add and ask"),
}
"""What becomes of a row that is likely one of the records there. To update is to take the file's word for it; to merge
is to keep what both know, and of two values that differ the one that merging proposes."""
CERTAIN = 0.9
"""Probability from which a likely double is taken for the record itself where that was chosen."""
FILE, OURS = "file", "ours"
WHERE_BOTH = {
    FILE: _("Take what the file says"),
    OURS: _("Keep what is here, fill what is empty"),
}
DAYS = {"dmy": _("31/12/2026: the day first"), "mdy": _("12/31/2026: the month first")}
