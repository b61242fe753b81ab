"""Teams: the tree, and one team."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST, require_safe

from crm import parsing
from crm.administration import services
from crm.administration.forms.teams import TeamForm
from crm.administration.tree import with_counts
from crm.administration.views.pages import acted, administers, form_page
from crm.models import Team
from crm.once import Once
from crm.pages import answer, moved


@administers
@require_safe
def team_list(request):
    """Every team below the one it belongs to, with how many users each has."""
    return render(request, "administration/teams.html", {"teams": with_counts()})


class NewTeamView(Once, View):
    """A new team; with ?below=ID below that one."""

    http_method_names = ("get", "head", "post")

    def get(self, request):
        below = parsing.identifier(request.GET.get("below"), default=None)
        return _form(request, TeamForm(initial={"parent": below}))

    def post(self, request):
        with transaction.atomic():
            services.hold_teams()
            return _saved(request, TeamForm(request.POST))


@administers
@form_page
@transaction.atomic
def team_detail(request, pk):
    """Rename a team, or move it below another."""
    if request.method == "POST":
        services.hold_teams()
    team = get_object_or_404(Team, pk=pk)
    if request.method != "POST":
        return _form(request, TeamForm(instance=team))
    return _saved(request, TeamForm(request.POST, instance=team))


def _saved(request, form):
    if not form.is_valid():
        return _form(request, form, status=422)
    form.save()
    messages.success(request, _("%(name)s saved.") % {"name": form.instance})
    return moved(request, reverse("settings_teams"))


def _form(request, form, status=200):
    team = Team.objects.get(pk=form.instance.pk) if form.instance.pk else None
    return answer(request, "administration/team.html", "form", {"form": form, "team": team}, status=status)


@administers
@require_POST
def team_removal(request, pk):
    """Remove a team that is empty."""
    team = get_object_or_404(Team, pk=pk)
    said = _("%(name)s is removed.") % {"name": team}
    return acted(request, reverse("settings_teams"), lambda: services.remove_team(team=team, by=request.user), said)


new_team = administers(NewTeamView.as_view())
