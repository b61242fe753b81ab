"""What interactions put on the pages of people and companies: the quick-log bar and what is due."""

from __future__ import annotations

from django.urls import reverse

from contacts.models import Company, Person
from crm import panels
from interactions.forms import QuickLogForm
from interactions.models import Interaction, Task

MOST = 6


def _quick_log(record, request):
    access, kind = request.user.access, Interaction.record_kind()
    may_log = access.may(kind, "create") and "body" not in access.fixed(kind)
    if not isinstance(record, Person | Company) or not may_log:
        return None
    form = getattr(request, "quicklog", None) or QuickLogForm(user=request.user)
    return {"form": form, "action": reverse(f"interactions:{record._meta.model_name}_log", args=[record.pk])}


def _upcoming(record, request):
    if not isinstance(record, Person | Company) or not request.user.access.may(Task.record_kind(), "view"):
        return None
    tasks = list(Task.objects.about(record, request.user).open().order_by("due_at", "pk")[: MOST + 1])
    for task in tasks:
        task.may_edit = request.user.access.covers(task, "edit")
    return {"tasks": tasks[:MOST], "more": len(tasks) > MOST, "whole": record._meta.model_name, "record": record}


panels.register(panels.Panel("above_history", "interactions/_quicklog.html", _quick_log, order=0))
panels.register(panels.Panel("above_history", "interactions/_upcoming.html", _upcoming, order=10))
