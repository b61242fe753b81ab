"""Settings: what there is to set up, the pages there are, the firm's profile and the apps."""

from __future__ import annotations

from django.apps import apps
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import parsing
from crm.administration import checklist, services
from crm.administration.forms.firm import FirmForm
from crm.administration.views.pages import administers, form_page
from crm.firm import Logo, firm, locked
from crm.pages import answer, moved, signed_in

KEPT = "private, max-age=31536000, immutable"  # the address changes with the picture


@administers
@require_safe
def settings(request):
    """The checklist as long as there is something to set up, and every page of Settings."""
    profile = firm()
    places = [] if profile.setup_over else checklist.steps(request.user, profile)
    done = sum(not place.is_open for place in places)
    return render(request, "administration/settings.html", {"places": places, "done": done})


@administers
@require_POST
def set_aside(request):
    """Set a step of the checklist aside, or take it up again (`aside=0`)."""
    key = parsing.choice(request.POST.get("step"), checklist.known())
    services.set_aside(key=key, aside=request.POST.get("aside") != "0")
    return moved(request, reverse("settings"))


@administers
@require_POST
def end_setup(request):
    """Put the checklist away for good."""
    services.end_setup()
    return moved(request, reverse("settings"))


@administers
@form_page
@transaction.atomic
def firm_profile(request):
    """The firm's name, logo, address, hours and habits."""
    if request.method != "POST":
        return _firm_form(request, FirmForm(instance=firm()))
    form = FirmForm(request.POST, request.FILES, instance=locked())
    if not form.is_valid():
        return _firm_form(request, form, status=422)
    services.save_firm(
        firm=form.instance, picture=form.cleaned_data["picture"], remove=form.cleaned_data["remove_logo"]
    )
    messages.success(request, _("Saved."))
    return moved(request, reverse("settings_firm"))


def _firm_form(request, form, status=200):
    context = {"form": form, "logo": firm().logo_id}
    return answer(request, "administration/firm.html", "form", context, status=status)


@signed_in
@require_safe
def logo(request):
    """The firm's logo; with ?v=DIGEST browsers keep it for ever. None: 404."""
    named = request.GET.get("v")
    wanted = named or firm().logo_id
    found = Logo.objects.filter(pk=wanted).first() if wanted else None
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type=found.type)
    response["X-Content-Type-Options"] = "nosniff"
    if named:
        response["Cache-Control"] = KEPT
    return response


@administers
@form_page
def apps_on_and_off(request):
    """Switch apps off that are not needed yet, and on again: what is in them stays."""
    switchable = {config.label: config for config in apps.get_app_configs() if getattr(config, "switchable", "")}
    if request.method == "POST":
        on, was_on = (set(request.POST.getlist(name)) for name in ("on", "was_on"))
        if not on | was_on <= set(switchable):
            raise parsing.BadInput(_("There is no such app."))
        services.switch_apps(off=was_on - on, on=on - was_on)
        messages.success(request, _("Saved."))
        return moved(request, reverse("settings_apps"))
    rows = [(config, request.user.access.is_on(label)) for label, config in switchable.items()]
    return render(request, "administration/apps.html", {"rows": rows})
