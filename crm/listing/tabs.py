"""The tabs over a list: those that stand there for everybody, then saved views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crm.conditions import Asker, asks_hidden, language

MOST = 10


@dataclass(frozen=True)
class FixedView:
    """A tab that stands over a list for everybody.

    It has a label and the query string it stands for; `shown(list)`: whether it has a place there.
    """

    label: Any
    query: str = ""
    shown: Callable | None = None


class Tabs:
    """The tabs over a list, as the `views` component takes them; the one that says all the list asks by is current."""

    def __init__(self, listing):
        self.listing, self.reader = listing, listing.request.user

    @property
    def shown(self):
        """Return the first ten; the current one is among them."""
        return self._all[:MOST] + [tab for tab in self._all[MOST:] if tab["current"]]

    @property
    def more(self):
        """Return the others."""
        return [tab for tab in self._all[MOST:] if not tab["current"]]

    @cached_property
    def _all(self):
        fixed = [self._fixed_tab(view) for view in self.listing.views if self._has_place(view)]
        return [*fixed, *(self._saved_tab(view) for view in self.listing.saved_views if self._may_ask(view))]

    @cached_property
    def _asked(self):
        asked = self.listing.params.copy()
        for key in ("sort", "columns", "after", "filters"):
            asked.pop(key, None)
        return asked

    def _has_place(self, view):
        return self._knows(QueryDict(view.query)) and (view.shown is None or view.shown(self.listing))

    def _knows(self, query):
        return self.listing.filterset_class.knows(query, self.listing.hidden)

    def _may_ask(self, view):
        """Whether a saved view asks by nothing that is hidden from the reader."""
        if not self._knows(view.filters):
            return False
        return not (view.rule and asks_hidden(view.kind, language.parse(view.rule), Asker.of(self.reader)))

    def _fixed_tab(self, view):
        return {"label": view.label, "url": f"?{view.query}", "current": self._asked == QueryDict(view.query)}

    def _saved_tab(self, view):
        note = "" if view.owner_id == self.reader.pk else _("Shared by %(whom)s") % {"whom": view.owner}
        current = self.listing.saved_view is not None and self.listing.saved_view.pk == view.pk
        return {"label": view.name, "url": f"?view={view.pk}", "current": current, "title": note}
