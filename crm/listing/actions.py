"""What is done with a whole list: take it away as a file, change many of its records."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from crm import jobs, parsing
from crm.access import taking
from crm.listing import asked, bulk, export
from crm.once import Once
from crm.pages import moved, needs
from crm.planner import TooSlow, time_limit
from crm.undo import offering

LONGEST_COUNT = 3000  # milliseconds


class RecordBulkView(Once, View):
    """POST changes the records picked in a list (`pick`), or all that match (`all`), once it is said to what.

    Those picked are changed here and now, all or none; all that match by a job. What the user may not change is left.
    """

    list_view: Any = None
    list_name = ""
    http_method_names = ("post", "options")

    @classmethod
    def as_view(cls, **initkwargs):
        asked.register(initkwargs["list_view"])
        return needs(initkwargs["list_view"].model._meta.label_lower, "edit")(super().as_view(**initkwargs))

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.listing = self.list_view()
        self.listing.setup(request)
        self.list_url = f"{reverse(self.list_name)}?{self.listing.query()}"

    def post(self, request):
        self.name = request.POST.get("change", "")
        self.change = self.listing.bulk_changes.get(self.name)
        if self.change is None or not self.listing.is_valid:
            raise Http404
        self.takes_all = request.POST.get("all") == "yes"
        self.picked = [parsing.identifier(pk) for pk in request.POST.getlist("pick")[: bulk.MOST_PICKED]]
        if not (self.picked or self.takes_all):
            messages.info(request, _("Nothing was selected."))
            return moved(request, self.list_url)
        if self.change.leads:
            return self.led()
        form = self.form(confirmed := self.is_confirmed)
        if not (confirmed and form.is_valid()):
            return self.shown(form, status=422 if confirmed else 200)
        return self.enqueued(form) if self.takes_all else self.done(form)

    def led(self):
        """Go to the page that does it with those picked, if they are not too many."""
        if self.takes_all or len(self.picked) > self.change.most:
            messages.info(self.request, _("Choose at most %d records for that.") % self.change.most)
            return moved(self.request, self.list_url)
        return moved(self.request, self.change.leads(self.listing.model, self.picked))

    @property
    def is_confirmed(self):
        """What asks for nothing and can be undone with one press is not asked about; of a whole list it is."""
        return self.request.POST.get("confirmed") == "yes" or not (self.change.field or self.takes_all)

    def form(self, confirmed):
        model = self.listing.model
        typed = model._meta.verbose_name_plural if self.takes_all and self.name == "trash" else ""
        data = self.request.POST if confirmed else None
        return bulk.ChangeForm(data, change=self.change, user=self.request.user, model=model, typed=typed)

    def shown(self, form, status):
        number = self.listing.count if self.takes_all else len(self.picked)
        kind = self.listing.model._meta.verbose_name_plural
        context = {
            "action": f"?{self.listing.query()}", "title": f"{self.change.label}: {number} {kind}",
            "list": self.listing, "list_url": self.list_url, "form": form, "name": self.name, "change": self.change,
            "picked": self.picked, "takes_all": self.takes_all,
        }  # fmt: skip
        return render(self.request, "listing/bulk.html", context, status=status)

    def enqueued(self, form):
        arguments = {"kind": self.listing.model._meta.label_lower, "query": self.listing.query(view=None)}
        row = jobs.enqueue("crm.change_many", by=self.request.user, change=self.name, value=form.kept, **arguments)
        return moved(self.request, reverse("job", args=[row.pk]))

    def done(self, form):
        with transaction.atomic(), self.change.recording(self.name, form, self.listing.model, self.request.user) as act:
            records = bulk.locked(bulk.opened(self.listing, self.change).filter(pk__in=self.picked))
            changed, left = bulk.applied(self.change, records, form.value, self.request.user)
        offering.offer(self.request, act, ngettext("%d changed.", "%d changed.", changed) % changed)
        if changed < len(self.picked):
            same = len(self.picked) - changed
            reasons = " ".join(dict.fromkeys(why for _record, why in left))
            messages.info(self.request, f"{_('%d left as they were.') % same} {reasons}".strip())
        return moved(self.request, self.list_url)


class RecordExportView(View):
    """The rows and columns of a list as a file; what may not be exported by the user is not in it.

    GET sends up to 10,000 rows (?form=csv or xlsx); for more it offers to have the file made, which POST asks for.
    """

    list_view: Any = None
    list_name = ""
    http_method_names = ("get", "head", "post", "options")

    @classmethod
    def as_view(cls, **initkwargs):
        asked.register(initkwargs["list_view"])
        kind = initkwargs["list_view"].record_kind()
        return needs(kind, taking(kind))(super().as_view(**initkwargs))

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.listing = self.list_view()
        self.listing.setup(request)
        self.form = parsing.choice(request.GET.get("form"), list(export.TYPES), default="csv")

    def get(self, request):
        if not self.listing.is_valid:
            raise Http404
        found = self.listing.found_for("export")
        if self.is_long(found):
            return render(request, "listing/export.html", {"list": self.listing, "list_url": self.list_url})
        return export.response(self.listing, found, self.form)

    def post(self, request):
        if not self.listing.is_valid:
            raise Http404
        kind = self.listing.record_kind()
        query = self.listing.query(view=None)  # what it shows now, whatever becomes of the saved view
        row = jobs.enqueue("crm.export_list", by=request.user, kind=kind, query=query, form=self.form)
        return moved(request, reverse("job", args=[row.pk]))

    @staticmethod
    def is_long(found):
        """Whether the browser had to wait too long; what takes long to count does, too."""
        try:
            with time_limit(LONGEST_COUNT):
                return found.bounded(export.MOST).more
        except TooSlow:
            return True

    @property
    def list_url(self):
        return f"{reverse(self.list_name)}?{self.listing.query(form=None)}"
