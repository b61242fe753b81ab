"""The page of the site's history, and the same as a file."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.audit.columns import HistoryColumns
from crm.audit.filters import HistoryFilterSet
from crm.audit.found import Found
from crm.listing import views as lists
from crm.listing.actions import RecordExportView
from crm.listing.paging import Page
from crm.listing.tabs import FixedView
from crm.listing.views import RecordListView
from crm.models import User
from crm.policies import HISTORY

RIGHTS = "kind=crm.user&kind=crm.role&kind=crm.grant&kind=crm.fieldright&kind=crm.team"


class HistoryView(RecordListView):
    """Who changed what, over everything: a list of events instead of records, the newest first."""

    filterset_class, columns_class = HistoryFilterSet, HistoryColumns
    template, export_name = "audit/history.html", "history_export"
    title = _("history")
    views = (FixedView(_("Everything")), FixedView(_("Users and rights"), RIGHTS))
    empty_title = _("Nothing has been changed yet")
    empty_text = _("Every change of every record stands here: who made it, when, and what it was before.")

    @classmethod
    def record_kind(cls):
        return HISTORY

    def _filterset(self, *, whole):
        return self.filterset_class(self.params, whole=whole, queryset=User.objects.none(), request=self.request)

    def found_for(self, action):
        return Found(self.filterset.question(), self.request.user, limit=lists.UNINDEXED_LIMIT)

    def some(self):
        """Say that it is too much; there is no some of an order that is the whole point."""
        self.hint = _("Too much has happened to look for this: choose days, a person or a kind.")
        return Page([], 1, None, None)

    def kept(self):
        """Return what the filter form carries along: also the one record, which is chosen elsewhere."""
        return [*super().kept(), *(("record", value) for value in self.params.getlist("record"))]

    def url_of(self, entry):
        return entry.url


class HistoryExportView(RecordExportView):
    """The same events as a file, with the rights of who asks for it."""
