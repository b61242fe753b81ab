"""What is in the trash, of one kind: newest first, with the way back."""

from __future__ import annotations

from django.db.models import F
from django.shortcuts import render

from crm.listing.paging import Cursor, page
from crm.record_views import RecordView


class TrashListView(RecordView):
    """The trashed records the user may restore."""

    action = "trash"
    http_method_names = ("get", "head", "options")

    def get(self, request):
        rows = self.model.objects.restorable_by(request.user).select_related("trashed_by")
        cursor = Cursor.parse(request.GET.get("after", ""))
        shown = page([rows], order=F("trashed_at"), descending=True, cursor=cursor)
        name = self.model._meta.model_name
        return render(
            request,
            "record_trash.html",
            {
                "page": shown,
                "model": self.model._meta,
                "restoration": f"{self.model._meta.app_label}:{name}_restoration",
            },
        )
