"""Users: who there is, inviting, changing, letting in no more; and handing over what somebody has."""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST, require_safe

from crm import handover, parsing
from crm.access import policies, second_step_set_up
from crm.accounts import provider, second_step, sessions_of
from crm.administration import services
from crm.administration.forms.roles import roles
from crm.administration.forms.users import HandOverForm, InvitationForm, UserForm
from crm.administration.tree import team_choices
from crm.administration.views.pages import acted, administers, form_page
from crm.firm import firm
from crm.listing import counting
from crm.models import User
from crm.once import Once
from crm.pages import answer, moved
from crm.policies import ADMINISTRATION

PAGE = 50  # rows
STATES = {
    "": Q(is_active=True),
    "invited": Q(invited_at__isnull=False),
    "inactive": Q(is_active=False, invited_at=None),
    "all": Q(),
}
ORDER = ("given_name", "family_name", "id")


def reached(request):
    """Return the users whose pages of Settings are open to this one."""
    users = User.objects.open_to(request.user, ADMINISTRATION).select_related("role", "team")
    return users.annotate(has_second_step=second_step_set_up())


def fetched(request, pk):
    return get_object_or_404(reached(request), pk=pk)


# The list


@administers
@require_safe
def user_list(request):
    """Users by name, a page at a time; `after` is the id of the last one of the page before."""
    asked = _asked(request)
    rows = _matching(reached(request), asked)
    after = parsing.identifier(request.GET.get("after"), default=None)
    last = User.objects.filter(pk=after).first() if after else None
    if last:
        rows = rows.filter(_beyond(last))
    page = list(rows.order_by(*ORDER)[: PAGE + 1])
    context = {
        "users": page[:PAGE],
        "next": page[PAGE - 1].pk if len(page) > PAGE else None,
        "asked": asked,
        "tabs": _tabs(request, asked["state"]),
        "roles": roles(),
        "teams": team_choices(),
        "is_filtered": any(asked[name] for name in ("q", "role", "team")),
        "query": _query(request),
    }
    return answer(request, "administration/users.html", "rows", context)


def _asked(request):
    return {
        "q": parsing.words(request.GET.get("q"), default=""),
        "state": parsing.choice(request.GET.get("state"), STATES, default=""),
        "role": parsing.identifier(request.GET.get("role"), default=None),
        "team": parsing.identifier(request.GET.get("team"), default=None),
    }


def _matching(rows, asked):
    rows = rows.filter(STATES[asked["state"]])
    if asked["q"]:
        named = rows.annotate(full_name=Concat("given_name", Value(" "), "family_name"))
        rows = named.filter(Q(full_name__icontains=asked["q"]) | Q(email__icontains=asked["q"]))
    if asked["role"]:
        rows = rows.filter(role=asked["role"])
    if asked["team"]:
        rows = rows.filter(team__path__contains=[asked["team"]])
    return rows


def _beyond(last):
    """Return the condition "stands after this user in the list"."""
    given, family, pk = (getattr(last, name) for name in ORDER)
    return Q(given_name__gt=given) | Q(given_name=given) & (
        Q(family_name__gt=family) | Q(family_name=family, pk__gt=pk)
    )


def _query(request):
    """Return the filters as they stand in the address, without the place in the list."""
    query = request.GET.copy()
    query.pop("after", None)
    return query.urlencode()


def _tabs(request, state):
    names = {"": _("Active"), "invited": _("Invited"), "inactive": _("Deactivated"), "all": _("All")}
    url = reverse("settings_users")
    return [
        {"label": name, "url": f"{url}?state={key}" if key else url, "current": key == state}
        for key, name in names.items()
    ]


# One user


class InvitationView(Once, View):
    """Somebody new, by mail; a form sent twice invites once."""

    http_method_names = ("get", "head", "post")

    def get(self, request):
        return self.shown(InvitationForm(firm=firm()))

    @transaction.atomic
    def post(self, request):
        services.hold(request.user)
        form = InvitationForm(request.POST, firm=firm())
        if not form.is_valid() or not self.saved(form):
            return self.shown(form, 422)
        messages.success(request, _("%(name)s is invited.") % {"name": form.instance})
        return moved(request, f"{reverse('settings_users')}?state=invited")

    def saved(self, form):
        """Save; of two invitations of one address at once, the second is told."""
        try:
            with transaction.atomic():
                services.invite(user=form.instance, by=self.request.user)
        except IntegrityError:
            form.add_error("email", _("Somebody was just invited with this address."))
            return False
        return True

    def shown(self, form, status=200):
        return answer(self.request, "administration/invitation.html", "form", {"form": form}, status=status)


@administers
@form_page
@transaction.atomic
def user_detail(request, pk):
    """One user: what an administrator may change, and what may be done about them."""
    user = fetched(request, pk)
    if request.method != "POST":
        return _user_page(request, user, UserForm(instance=user))
    services.hold(request.user)
    user = services.locked_user(pk)
    form = UserForm(request.POST, instance=user)
    if not form.is_valid():
        return _user_page(request, fetched(request, pk), form, status=422)
    job = services.save_user(
        user=user,
        team_before=form.team_before,
        with_records=form.cleaned_data["with_records"],
        by=request.user,
    )
    messages.success(request, _("%(name)s saved.") % {"name": user})
    return moved(request, reverse("job", args=[job.pk]) if job else reverse("settings_user", args=[pk]))


def _user_page(request, user, form, status=200):
    context = {
        "form": form,
        "person": user,
        "is_self": user.pk == request.user.pk,
        "sessions": sessions_of.live(user)[:10],
        "is_linked": SocialAccount.objects.filter(user=user).exists(),
        "owns": not user.is_active and services.owns_records(user),
        "hand_over_job": services.hand_over_under_way(user),
    }
    return answer(request, "administration/user.html", "form", context, status=status)


@administers
@require_POST
def invitation_again(request, pk):
    """Mail the invitation once more."""
    user = fetched(request, pk)
    said = _("Another link is on its way to %(email)s.") % {"email": user.email}
    return acted(request, _page_of(user), lambda: services.invite_again(user=user, by=request.user), said)


@administers
@require_POST
def withdrawal(request, pk):
    """Take an invitation back."""
    user = get_object_or_404(reached(request).filter(invited_at__isnull=False), pk=pk)
    said = _("The invitation of %(name)s is withdrawn.") % {"name": user}
    return acted(request, reverse("settings_users"), lambda: services.withdraw(user=user), said)


@administers
@require_POST
def deactivation(request, pk):
    """Let somebody in no more."""
    user = fetched(request, pk)
    said = _("%(name)s can sign in no more.") % {"name": user}
    return acted(request, _page_of(user), lambda: services.deactivate(user=user, by=request.user), said)


@administers
@require_POST
def activation(request, pk):
    """Let somebody in again."""
    user = fetched(request, pk)
    said = _("%(name)s can sign in again.") % {"name": user}
    return acted(request, _page_of(user), lambda: services.activate(user=user, by=request.user), said)


@administers
@require_POST
def signing_out(request, pk):
    """End every session of a user."""
    user = fetched(request, pk)
    sessions_of.end_all(user)
    messages.success(request, _("%(name)s is signed out everywhere.") % {"name": user})
    return moved(request, _page_of(user))


@administers
@require_POST
def second_step_reset(request, pk):
    """Take a lost second step away; its owner sets up a new one, and is told by mail."""
    user = fetched(request, pk)
    second_step.reset(user, by=request.user)
    messages.success(request, _("%(name)s signs in by password alone until a new step is set up.") % {"name": user})
    return moved(request, _page_of(user))


@administers
@require_POST
def provider_unlink(request, pk):
    """Forget which account of the firm's sign-in provider a user has."""
    user = fetched(request, pk)
    provider.unlink(user, by=request.user)
    messages.success(request, _("The link to the sign-in of %(name)s is forgotten.") % {"name": user})
    return moved(request, _page_of(user))


def _page_of(user):
    return reverse("settings_user", args=[user.pk])


# Handing over


class HandOverView(Once, View):
    """Who gets what somebody has; a job does it."""

    http_method_names = ("get", "head", "post")

    def get(self, request, pk):
        giver = fetched(request, pk)
        return self.shown(giver, HandOverForm(giver=giver))

    def post(self, request, pk):
        giver = fetched(request, pk)
        form = HandOverForm(request.POST, giver=giver)
        if not form.is_valid():
            return self.shown(giver, form, 422)
        try:
            jobs = services.hand_over(giver=giver, takers=form.takers(), by=request.user)
        except services.Refused as refused:
            form.add_error(None, str(refused))
            return self.shown(giver, form, 422)
        return moved(request, reverse("job", args=[jobs[0].pk]) if len(jobs) == 1 else reverse("jobs"))

    def shown(self, giver, form, status=200):
        context = {
            "giver": giver,
            "form": form,
            "rows": list(_belongings(giver, form)),
            "under_way": services.hand_over_under_way(giver),
        }
        return answer(self.request, "administration/hand_over.html", "form", context, status=status)


def _belongings(giver, form):
    """Yield for each kind: its name, how many records go, how many stay and why, and the field of its new owner."""
    fields = {kind: form[name] for name, (kind, _model) in form.kinds.items()}
    for kind, policy in policies().items():
        model = policy.model
        staying = handover.staying(model, giver)
        yield {
            "name": capfirst(str(model._meta.verbose_name_plural)),
            "going": counting.bounded(handover.going(model, giver)) if kind in fields else None,
            "staying": counting.bounded(staying) if staying else None,
            "why": handover.habit(model).why,
            "field": fields.get(kind),
        }


invitation = administers(InvitationView.as_view())
hand_over = administers(HandOverView.as_view())
