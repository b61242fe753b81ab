"""Settings: the addresses that get no mail, since when and why; how one is entered, and how one is let back in."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST, require_safe

from crm import parsing
from crm.mailing import outcomes
from crm.mailing.forms import ReleaseForm, SuppressionForm
from crm.mailing.rows import Suppression
from crm.newest import page_of
from crm.once import Once
from crm.pages import answer, moved, needs
from crm.policies import ADMINISTRATION

administers = needs(ADMINISTRATION, "view")
LIFTED = "lifted"


@administers
@require_safe
def suppression_list(request):
    """What holds now, or what was lifted, the newest first; `q`: how the address begins; `before`: an id."""
    state = parsing.choice(request.GET.get("state"), (LIFTED,), default="")
    asked = parsing.words(request.GET.get("q"), default="").lower()
    rows = Suppression.objects.lifted() if state else Suppression.objects.in_force()
    rows = rows.of_beginning(asked) if asked else rows
    page, older = page_of(rows.select_related("release"), request)
    context = {
        "suppressions": page,
        "older": older,
        "asked": asked,
        "state": state,
        "tabs": _tabs(state),
    }
    return answer(request, "mailing/suppression_list.html", "rows", context)


def _tabs(current):
    url = reverse("settings_suppressions")
    tabs = (("", _("In force"), url), (LIFTED, _("Lifted"), f"{url}?state={LIFTED}"))
    return [{"label": label, "url": to, "current": key == current} for key, label, to in tabs]


class NewSuppressionView(Once, View):
    """An address that is to get no more mail, entered by hand."""

    http_method_names = ("get", "head", "post")

    def get(self, request):
        return _new(request, SuppressionForm())

    def post(self, request):
        form = SuppressionForm(request.POST)
        if not form.is_valid():
            return _new(request, form, status=422)
        held = outcomes.suppress(**form.cleaned_data, reason=Suppression.Reason.BY_HAND, by=request.user)
        messages.success(request, _("%(address)s is on the list.") % {"address": held.address_key})
        return moved(request, reverse("settings_suppression", args=[held.pk]))


def _new(request, form, status=200):
    return answer(request, "mailing/suppression_new.html", "form", {"form": form}, status=status)


new_suppression = administers(NewSuppressionView.as_view())


@administers
@require_safe
def suppression_detail(request, pk):
    """One suppression: what it holds back, why, and what ended it."""
    return _shown(request, pk, ReleaseForm())


@administers
@require_POST
def release(request, pk):
    """Let an address get mail again, with a reason; what held against it stays as evidence."""
    held = get_object_or_404(Suppression.objects.liftable(), pk=pk)
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return _shown(request, pk, form, status=422)
    outcomes.release(held, source=form.cleaned_data["source"], by=request.user)
    messages.success(request, _("%(address)s gets mail again.") % {"address": held.address_key})
    return moved(request, reverse("settings_suppression", args=[pk]))


def _shown(request, pk, form, status=200):
    held = get_object_or_404(Suppression.objects.select_related("by", "release", "release__by"), pk=pk)
    may_lift = Suppression.objects.in_force().liftable().filter(pk=pk).exists()
    context = {"held": held, "release": getattr(held, "release", None), "form": form if may_lift else None}
    return render(request, "mailing/suppression.html", context, status=status)
