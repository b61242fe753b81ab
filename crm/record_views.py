"""The pages every kind of record has: its page, its form, its trash, its changes, and the choices of pickers.

An app states model, form and templates; rights come from the door.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext as _
from django.views import View

from crm import changes, figures, panels, parsing, record_actions, timeline, undo
from crm.lookalikes import Lookalikes
from crm.merging.registry import mergeable
from crm.merging.telling import is_survivor
from crm.once import Once
from crm.pages import answer, moved, needs
from crm.search import search
from crm.tombstones import survivor_of
from crm.undo import offering


class RecordView(View):
    """Base: `model`, the action its permission asks for, and the record fetched through the door."""

    model: Any = None
    action = "view"

    @classmethod
    def as_view(cls, **initkwargs):
        model = initkwargs.get("model") or cls.model
        return needs(model._meta.label_lower, cls.action)(super().as_view(**initkwargs))

    @property
    def user(self):
        return self.request.user

    def fetched(self, opened):
        """Return the record of this URL from a queryset opened for the user, else 404."""
        return get_object_or_404(opened, pk=self.kwargs["pk"])

    def dispatch(self, request, *args, **kwargs):
        """Lead from the old address of a merged record to its survivor's, for those who may see that.

        What was sent to the old one is not done to another: it is said so.
        """
        try:
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            survivor = self.survivor()
            if survivor is None:
                raise
        if request.method in ("GET", "HEAD"):
            there = reverse(request.resolver_match.view_name, kwargs={**kwargs, "pk": survivor.pk})
            return redirect(there, permanent=True)
        words = _("It was merged into %(name)s in the meantime. Nothing was changed.")
        messages.info(request, words % {"name": survivor})
        return moved(request, survivor)

    def survivor(self):
        """Return the record that this URL's was merged into, if the user may see it; else None."""
        pk = survivor_of(self.model, self.kwargs["pk"]) if "pk" in self.kwargs else None
        return pk and self.model.objects.visible_to(self.user).filter(pk=pk).first()


class RecordDetailView(RecordView):
    """A record's page: key facts, timeline, related. A merged record leads on; a trashed one shows the way back."""

    template = ""
    http_method_names = ("get", "head", "options")

    def get(self, request, pk):
        before = request.GET.get("before", "")
        rows = self.model.objects.visible_to(request.user).filter(pk=pk).select_related("owner")
        record = (rows if before else rows.annotate(**self.expressions())).first()
        if record is None:
            return self.gone(request, pk)
        part = "older" if before else "page"
        return answer(request, self.template, part, self.context(record, before))

    def expressions(self):
        """Return what the page asks about the record together with it: its figures, and whether it is a survivor."""
        found = figures.expressions(self.model, self.user)
        return {**found, "is_survivor": is_survivor(self.model)} if mergeable(self.model) else found

    def gone(self, request, pk):
        """Answer for a record that is in the trash (say so) or not the user's to see (404)."""
        record = get_object_or_404(self.model.objects.restorable_by(request.user), pk=pk)
        return render(
            request, "record_trashed.html", {"record": record, "restore_url": self.restore_url(record)}, status=404
        )

    def restore_url(self, record):
        raise NotImplementedError

    def context(self, record, before):
        access = self.user.access
        return {
            "record": record,
            "actions": record_actions.of(record, self.user),
            "figures": figures.of(record) if not before else (),
            "panels": SimpleLazyObject(lambda: panels.of(record, self.request)),  # older history alone shows none
            "timeline": timeline.of(record, self.user, before=before, only=self.request.GET.get("only", "")),
            "may_edit": access.covers(record, "edit"),
            "may_trash": access.covers(record, "trash"),
        }


class RecordFormView(RecordView):
    """Create a record, or change one: the same form. Invalid: 422 with what was typed and why not."""

    template = ""
    form_class: Any = None

    @cached_property
    def record(self):
        """Return the record to change, None for a new one."""
        if "pk" not in self.kwargs:
            return None
        return self.fetched(self.model.objects.editable_by(self.user))

    def form(self, data=None):
        return self.form_class(data, instance=self.record, user=self.user, initial=self.initial())

    def initial(self):
        return {}

    def get(self, request, **_kwargs):
        return self.shown(self.form())

    def post(self, request, **_kwargs):
        form = self.form(request.POST)
        with transaction.atomic():
            if not form.is_valid() or form.is_held_up():
                return self.shown(form, status=422)
            record = form.save()
            if form.lookalikes:
                form.lookalikes.note(record)
        messages.success(request, self.said(record))
        return moved(request, self.after(record))

    def after(self, record):
        return record

    def said(self, record):
        return _("%(name)s saved.") % {"name": record}

    def shown(self, form, status=200):
        return answer(self.request, self.template, "form", self.context(form), status=status)

    def context(self, form):
        return {"form": form, "record": self.record, "cancel_url": self.cancel_url}

    @property
    def cancel_url(self):
        """Where "Cancel" leads: the record, else where one came from, else the kind's list."""
        if self.record is not None and hasattr(self.record, "get_absolute_url"):
            return self.record.get_absolute_url()
        return "/"


class CreateView(Once, RecordFormView):
    """Create a record, once however often its form is sent."""

    action = "create"


class EditView(RecordFormView):
    """Change a record: it is locked from the check of its version to the save, so that of two at once one is told."""

    action = "edit"

    def dispatch(self, request, *args, **kwargs):
        with transaction.atomic():
            return super().dispatch(request, *args, **kwargs)

    def fetched(self, opened):
        locks = self.request.method == "POST"
        return super().fetched(opened.select_for_update(of=("self",)) if locks else opened)


def recording_one(kind, record, user):
    """Return the recording of an act on one record."""
    return undo.recording(kind, by=user, kind=record.record_kind(), record=record.pk)


class TrashView(RecordView):
    """POST puts a record in the trash and offers the way back."""

    action = "trash"
    http_method_names = ("post", "options")
    list_url: Any = ""

    def post(self, request, pk):
        record = self.fetched(self.model.objects.trashable_by(request.user))
        with recording_one("crm.trash", record, self.user) as act:
            self.trash(record)
        offering.offer(request, act, _("%(name)s is in the trash.") % {"name": record})
        return moved(request, self.list_url)

    def trash(self, record):
        record.trash(by=self.user)


class RestoreView(RecordView):
    """POST takes a record out of the trash."""

    action = "trash"
    http_method_names = ("post", "options")

    def post(self, request, pk):
        record = self.fetched(self.model.objects.restorable_by(request.user))
        with recording_one("crm.restore", record, self.user) as act:
            self.restore(record)
        offering.offer(request, act, _("%(name)s is back.") % {"name": record})
        return moved(request, self.after(record))

    def restore(self, record):
        record.restore(by=self.user)

    def after(self, record):
        return record


class ChangesView(RecordView):
    """Who changed what when, of one record."""

    http_method_names = ("get", "head", "options")

    def get(self, request, pk):
        record = self.fetched(self.model.objects.visible_to(request.user))
        return answer(
            request, "record_changes.html", "changes", {"record": record, "changes": changes.of(record, request.user)}
        )


class LikelyView(RecordView):
    """POST of what stands in a form so far: the records it looks like, those alone that its user may see.

    ?but= is the record that is being changed.
    """

    form_class: Any = None
    http_method_names = ("post", "options")

    def post(self, request):
        but = parsing.identifier(request.GET.get("but"), default=None)
        return render(request, "lookalikes.html", {"like": Lookalikes(self.form_class, request.POST, self.user, but)})


class ChoicesView(RecordView):
    """What a picker offers for ?q=: [{value, text, detail}], through the door."""

    http_method_names = ("get", "head", "options")

    def get(self, request):
        hits = search(request.user, request.GET.get("q", ""), models=[self.model], limit=12)
        found = [{"value": hit.record.pk, "text": hit.title, "detail": hit.detail} for hit in hits]
        return JsonResponse(found, safe=False)
