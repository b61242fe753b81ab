"""What the site's history shows of an event; the same columns stand in its file."""

from __future__ import annotations

from html import escape

from django.db.models import F
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import marks
from crm.listing.columns import NOTHING, Column, RecordColumns

MOST_SHOWN = 3  # differences before the rest is folded
LONGEST = 200  # characters of a value

ACTIONS = {
    "created": gettext_lazy("Created"),
    "changed": gettext_lazy("Changed"),
    "removed": gettext_lazy("Removed"),
    "trashed": gettext_lazy("Put in the trash"),
    "restored": gettext_lazy("Restored"),
}


class Moment(Column):
    def html(self, row, found):
        return marks.when(row.at)

    def text(self, row, found):
        return timezone.localtime(row.at).isoformat(sep=" ", timespec="seconds")


class Person(Column):
    """Who acted; the system where nobody did."""

    def text(self, row, found):
        return str(row.who) if row.who else _("The system")

    def html(self, row, found):
        name = escape(self.text(row, found))
        if not row.who:
            return SafeString(f'<span class="dim">{name}</span>')
        return SafeString(f'<a href="{escape(row.who_url)}">{name}</a>' if row.who_url else name)


class Action(Column):
    def text(self, row, found):
        return str(ACTIONS[row.action])


class Kind(Column):
    def text(self, row, found):
        return row.kind.label


class Subject(Column):
    """What the event is about, by name if the reader may see it."""

    def text(self, row, found):
        return row.title or _("(hidden)")

    def html(self, row, found):
        name = escape(self.text(row, found))
        if not row.title:
            return SafeString(f'<span class="faint">{name}</span>')
        cut = f'<span class="cut" title="{name}">{name}</span>'
        return SafeString(f'<a href="{escape(row.url)}">{cut}</a>' if row.url else cut)


class Differences(Column):
    """The fields before and after; more than three are folded, and what was simply made or removed. Below them the way
    back from a merge."""

    def text(self, row, found):
        lines = (
            f"{one.label}: {one.before} → {one.after}" if one.before else f"{one.label}: {one.after}"
            for one in row.differences
        )
        return "\n".join(lines)

    def html(self, row, found):
        lines, way = [_line(one) for one in row.differences], _way_back(row)
        if not lines:
            return way or NOTHING
        first = MOST_SHOWN if row.action == "changed" else 0
        folded = lines[first:]
        said = ngettext("%d more", "%d more", len(folded)) if first else ngettext("%d field", "%d fields", len(folded))
        more = f"<details><summary>{escape(said % len(folded))}</summary>{''.join(folded)}</details>"
        return SafeString("".join(lines[:first]) + (more if folded else "") + way)


def _way_back(row):
    if not row.unmerge_url:
        return SafeString("")
    return SafeString(f'<p><a class="link" href="{escape(row.unmerge_url)}">{escape(_("Unmerge"))}</a></p>')


def _line(one):
    before = f"<del>{escape(one.before[:LONGEST])}</del> → " if one.before else ""
    after = (
        f"<ins>{escape(one.after[:LONGEST])}</ins>" if one.after else f'<span class="faint">{escape(_("none"))}</span>'
    )
    return f'<p><span class="dim">{escape(one.label)}</span> {before}{after}</p>'


class Reason(Column):
    def text(self, row, found):
        return row.reason


class HistoryColumns(RecordColumns):
    """Nothing can be sorted by but time: what happened has no other order."""

    default = ("at", "who", "action", "kind", "subject", "differences", "reason")
    order = "-at"
    always = ()

    at = Moment(gettext_lazy("When"), order=F("at"), css="c-next")
    who = Person(gettext_lazy("Who"), css="c-score")
    action = Action(gettext_lazy("Did what"), css="c-co")
    kind = Kind(gettext_lazy("Kind"), css="opt")
    subject = Subject(gettext_lazy("What"), css="name")
    differences = Differences(gettext_lazy("Before → after"), css="c-diff")
    reason = Reason(gettext_lazy("How"), css="opt dim")
