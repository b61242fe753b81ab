"""Roles: all of them at a glance, and the grid of one."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST, require_safe

from crm.access import ACTIONS, ROLES, Access
from crm.administration import services
from crm.administration.forms.roles import (
    ACTION_NAMES,
    SCOPE_NAMES,
    FieldRightsForm,
    NewRoleForm,
    RoleForm,
    cells,
    name_of,
)
from crm.administration.views.pages import acted, administers, form_page
from crm.models import Grant, Role
from crm.once import Once
from crm.pages import answer, moved


@administers
@require_safe
def role_list(request):
    """Every role with what it reaches: the scope of seeing, and the acts that reach less far."""
    active = Count("users", filter=Q(users__is_active=True))
    roles = Role.objects.annotate(active=active).order_by("pk")
    rows = [
        (role, [_reach(access, kind, actions) for kind, actions in cells()]) for role, access in _with_access(roles)
    ]
    return render(
        request, "administration/roles.html", {"rows": rows, "kinds": [name_of(kind) for kind, _a in cells()]}
    )


def _with_access(roles):
    """Yield each role with the access of somebody who has it."""
    grants: dict[int, dict] = {}
    for row in Grant.objects.values_list("role", "kind", "action", "scope"):
        grants.setdefault(row[0], {})[row[1:3]] = row[3]
    for role in roles:
        yield role, Access(grants=grants.get(role.pk, {}))


def _reach(access, kind, actions):
    """Return {seen, acts}: the scope of seeing, and what may be done beside it, in words."""
    seen = access.scope(kind, "view")
    reached = {action: access.scope(kind, action) for action in actions if action != "view"}
    acts = [
        f"{ACTION_NAMES[action]} {SCOPE_NAMES[scope].lower()}" for action, scope in reached.items() if scope != "none"
    ]
    alike = set(reached.values())
    if len(alike) == 1 and reached and alike != {"none"}:
        acts = [_("everything else %(scope)s") % {"scope": SCOPE_NAMES[alike.pop()].lower()}]
    return {"seen": "" if seen == "none" else SCOPE_NAMES[seen], "acts": ", ".join(map(str, acts)).lower()}


class NewRoleView(Once, View):
    """A role of the firm's own."""

    http_method_names = ("get", "head", "post")

    def get(self, request):
        return self.shown(NewRoleForm())

    def post(self, request):
        form = NewRoleForm(request.POST)
        if not form.is_valid():
            return self.shown(form, 422)
        role = services.create_role(name=form.cleaned_data["name"], like=form.cleaned_data["like"])
        return moved(request, reverse("settings_role", args=[role.pk]))

    def shown(self, form, status=200):
        return answer(self.request, "administration/new_role.html", "form", {"form": form}, status=status)


@administers
@form_page
@transaction.atomic
def role_detail(request, pk):
    """One role: kinds of record and parts of the site down, actions across, a scope in each cell."""
    role = _fetched(request, pk)
    if request.method != "POST":
        return _role_page(request, RoleForm(instance=role))
    form = RoleForm(request.POST, instance=role)
    if not form.is_valid():
        return _role_page(request, form, status=422)
    services.save_role(role=role, scopes=form.scopes())
    messages.success(request, _("%(name)s saved.") % {"name": role})
    return moved(request, reverse("settings_role", args=[pk]))


def _fetched(request, pk):
    """Return the role; a form that was sent locks it until its transaction ends."""
    rows = Role.objects.select_for_update(no_key=True) if request.method == "POST" else Role.objects.all()
    return get_object_or_404(rows, pk=pk)


def _role_page(request, form, status=200):
    role = Role.objects.annotate(members=Count("users")).get(pk=form.instance.pk)
    context = {
        "form": form,
        "role": role,
        "actions": [ACTION_NAMES[action] for action in ACTIONS],
        "is_own": role.key not in ROLES,
    }
    return answer(request, "administration/role.html", "form", context, status=status)


@administers
@form_page
@transaction.atomic
def role_fields(request, pk):
    """What one role may know and set of each kind of record, field by field."""
    role = _fetched(request, pk)
    form = FieldRightsForm(request.POST if request.method == "POST" else None, role=role)
    if form.is_bound and form.is_valid():
        services.save_field_rights(role=role, rights=form.rights())
        messages.success(request, _("%(name)s saved.") % {"name": role})
        return moved(request, reverse("settings_role_fields", args=[pk]))
    context = {"form": form, "role": role}
    return answer(request, "administration/role_fields.html", "form", context, status=422 if form.is_bound else 200)


@administers
@require_POST
def role_removal(request, pk):
    """Remove one of the firm's own roles."""
    role = get_object_or_404(Role, pk=pk)
    said = _("%(name)s is removed.") % {"name": role}
    return acted(request, reverse("settings_roles"), lambda: services.remove_role(role=role, by=request.user), said)


new_role = administers(NewRoleView.as_view())
