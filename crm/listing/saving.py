"""Saved views of lists: saving one, and the page on which one's own are named, shared, put in order and removed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from crm import standards
from crm.listing import asked
from crm.once import Once
from crm.pages import answer, moved, needs, signed_in
from crm.policies import SAVED_VIEWS
from crm.saved_views import MOST, SavedView

REACH = {"none": ("",), "own": ("",), "team": ("", "team"), "all": ("", "team", "all")}
"""With whom one may share, by the scope of one's role."""


class SavedViewForm(forms.Form):
    """A name, and for whom the view stands over the list: as far as its owner's role may share."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    shared = forms.ChoiceField(label=gettext_lazy("For"), widget=forms.RadioSelect, required=False)

    def __init__(self, data=None, *, user, kind, view=None):
        self.user, self.kind, self.view = user, kind, view
        super().__init__(data, initial={"name": view.name, "shared": view.shared} if view else {"shared": ""})
        reach = REACH[user.access.scope(SAVED_VIEWS, "view")]
        kept = (*reach, view.shared) if view else reach
        offered = [choice for choice in SavedView.Shared.choices if choice[0] in kept]
        if not user.team_id:
            offered = [choice for choice in offered if choice[0] != "team"]
        self.fields["shared"].choices = offered

    def clean_name(self):
        name = standards.line(self.cleaned_data["name"])
        if not name:
            raise ValidationError(self.fields["name"].error_messages["required"], code="required")
        own = SavedView.objects.of_list(self.kind).there().filter(owner=self.user)
        others = own.exclude(pk=self.view.pk) if self.view else own
        if others.filter(name__iexact=name).exists():
            raise ValidationError(_("You have a view of this name."), code="taken")
        return name

    def clean(self):
        there = SavedView.objects.of_list(self.kind).there().filter(owner=self.user).count()
        if self.view is None and there >= MOST:
            raise ValidationError(_("You have %d views of this list: remove one first.") % MOST)
        return super().clean()


class ListBoundView(View):
    """Base of pages beside a list: `list_view`, `list_name`; they are for those who see the list."""

    list_view: Any = None
    list_name = ""

    @classmethod
    def as_view(cls, **initkwargs):
        asked.register(initkwargs["list_view"])
        return needs(initkwargs["list_view"].record_kind(), "view")(super().as_view(**initkwargs))

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.listing = self.list_view()
        self.listing.setup(request)
        self.list_url = reverse(self.list_name)


class SavedViewsView(ListBoundView):
    """The reader's own saved views of a list, in their order, and those others share with them."""

    http_method_names = ("get", "head", "options")

    def get(self, request):
        mine = [view for view in self.listing.saved_views if view.owner_id == request.user.pk]
        others = [view for view in self.listing.saved_views if view.owner_id != request.user.pk]
        context = {"list": self.listing, "list_url": self.list_url, "mine": mine, "others": others}
        return answer(request, "listing/saved_views.html", "views", context)


class SavedViewNewView(Once, ListBoundView):
    """Saves what the list at this address shows as a view."""

    http_method_names = ("get", "head", "post", "options")

    def get(self, request):
        return self.shown(self.form())

    def post(self, request):
        form = self.form(request.POST)
        if not (form.is_valid() and self.listing.is_valid):
            return self.shown(form, 422)
        view = SavedView(kind=self.listing.record_kind(), owner=request.user, **form.cleaned_data)
        view.take(self.listing.params, stored_rule(self.listing))
        view.save()
        messages.success(request, _("“%(name)s” is saved.") % {"name": view})
        return moved(request, f"{self.list_url}?view={view.pk}")

    def form(self, data=None):
        return SavedViewForm(data, user=self.request.user, kind=self.listing.record_kind())

    def shown(self, form, status=200):
        chips = self.listing.filterset.chips() if self.listing.is_valid else []
        action = f"?{self.listing.query()}"
        cancel = f"{self.list_url}{action}"
        context = {"form": form, "list": self.listing, "cancel_url": cancel, "action": action, "chips": chips}
        return answer(self.request, "listing/save_view.html", "form", context, status=status)


def stored_rule(listing):
    """Return the JSON of a list's conditions, or None."""
    rule = listing.filterset.rule
    return rule.stored() if rule else None


class OwnView(View):
    """Base of what is done with one's own saved view. To everybody else it does not exist."""

    http_method_names = ("post", "options")
    removed = False
    locks = True
    """Whether a POST locks the view alone, before anything else."""

    @classmethod
    def as_view(cls, **initkwargs):
        return signed_in(super().as_view(**initkwargs))

    def dispatch(self, request, *args, **kwargs):
        if request.method.lower() not in self.http_method_names:
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            rows = SavedView.objects.filter(owner=request.user, removed_at__isnull=not self.removed)
            found = rows.select_for_update(of=("self",)) if self.locks and request.method == "POST" else rows
            self.view = get_object_or_404(found, pk=kwargs["pk"])
            if self.view.kind not in asked.lists() or not request.user.access.may(self.view.kind, "view"):
                raise Http404
            return super().dispatch(request, *args, **kwargs)

    @property
    def list_url(self):
        return reverse(asked.lists()[self.view.kind].list_name)

    @property
    def views_url(self):
        return reverse(asked.lists()[self.view.kind].views_name)


class SavedViewEditView(OwnView):
    """Renames a view, or shares it with others."""

    http_method_names = ("get", "head", "post", "options")

    def get(self, request, pk):
        return self.shown(SavedViewForm(user=request.user, kind=self.view.kind, view=self.view))

    def post(self, request, pk):
        form = SavedViewForm(request.POST, user=request.user, kind=self.view.kind, view=self.view)
        if not form.is_valid():
            return self.shown(form, 422)
        self.view.name, self.view.shared = form.cleaned_data["name"], form.cleaned_data["shared"]
        self.view.save()
        messages.success(request, _("“%(name)s” is saved.") % {"name": self.view})
        return moved(request, self.views_url)

    def shown(self, form, status=200):
        context = {"form": form, "view": self.view, "cancel_url": self.views_url, "action": self.request.path}
        return answer(self.request, "listing/save_view.html", "form", context, status=status)


class SavedViewContentsView(OwnView):
    """POST lets a view show from now on what the list at this address (its query string) shows."""

    def post(self, request, pk):
        listing = asked.lists()[self.view.kind]()
        listing.setup(request)
        if not listing.is_valid:
            raise Http404
        self.view.take(listing.params, stored_rule(listing))
        self.view.save()
        messages.success(request, _("“%(name)s” is saved.") % {"name": self.view})
        return moved(request, f"{self.list_url}?view={self.view.pk}")


class SavedViewMoveView(OwnView):
    """POST puts a view one place up or down among one's own (`to`). It locks them all, in the order of their ids."""

    locks = False

    def post(self, request, pk):
        rows = SavedView.objects.of_list(self.view.kind).there().filter(owner=request.user)
        own = sorted(rows.select_for_update(of=("self",)).order_by("pk"), key=lambda view: (view.position, view.pk))
        at = next((place for place, one in enumerate(own) if one.pk == self.view.pk), None)
        if at is None:
            raise Http404  # removed meanwhile
        to = at + (-1 if request.POST.get("to") == "up" else 1)
        if 0 <= to < len(own):
            own[at], own[to] = own[to], own[at]
            for place, one in enumerate(own, 1):
                if one.position != place:
                    one.position = place
                    one.save(update_fields=["position"])
        return moved(request, self.views_url)


class SavedViewRemovalView(OwnView):
    """POST removes a view and offers the way back."""

    def post(self, request, pk):
        self.view.remove()
        undo = f"undo:{reverse('saved_view_restoration', args=[pk])}"
        messages.success(request, _("“%(name)s” is removed.") % {"name": self.view}, extra_tags=undo)
        return moved(request, self.views_url)


class SavedViewRestoreView(OwnView):
    """POST brings a removed view back."""

    removed = True

    def post(self, request, pk):
        self.view.restore()
        messages.success(request, _("“%(name)s” is back.") % {"name": self.view})
        return moved(request, self.views_url)
