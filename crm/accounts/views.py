"""Signing in and out, passwords, and one's own account."""

from allauth.account import views as allauth
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from crm import parsing
from crm.accounts import resetting, sessions_of
from crm.accounts.forms import AccountForm
from crm.models import User
from crm.pages import answer, moved, signed_in


class Refusing:
    """A form that was refused answers 422, one that came too often 429."""

    def form_invalid(self, form):
        response = super().form_invalid(form)
        codes = {error.code for errors in form.errors.as_data().values() for error in errors}
        response.status_code = 429 if "too_many_login_attempts" in codes else 422
        return response


class SignIn(Refusing, allauth.LoginView):
    def get_context_data(self, **options):
        return super().get_context_data(**options) | {"provider": settings.OIDC}


class PasswordReset(Refusing, allauth.PasswordResetView):
    pass


class PasswordResetFromKey(Refusing, allauth.PasswordResetFromKeyView):
    """A new password, or the first of somebody invited, who is let in by it."""

    def form_valid(self, form):
        with transaction.atomic():
            if resetting.accept(self.reset_user):
                response = super().form_valid(form)
                sessions_of.end_all(self.reset_user)
                return response
        return self.render_to_response(self.get_context_data(token_fail=True))

    def get_context_data(self, **context):
        invited = self.reset_user if self.reset_user and self.reset_user.invited_at else None
        return super().get_context_data(invited=invited, **context)


class PasswordChange(Refusing, allauth.PasswordChangeView):
    def dispatch(self, request, *args, **kwargs):
        """Who has no password yet gets one by mail."""
        if not request.user.has_usable_password():
            return redirect("account_reset_password")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        sessions_of.end_all(self.request.user, but=self.request.session.session_key)
        return response


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def account(request):
    """One's own name, time zone and theme, password, and where one is signed in."""
    form = AccountForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.info(request, _("Saved."))
        return moved(request, reverse("account"))
    context = {"form": form, "sessions": _sessions(request), "session_key": request.session.session_key}
    return answer(request, "account/account.html", "form", context, status=422 if form.is_bound else 200)


@signed_in
@require_POST
def theme(request):
    """Choose light, dark or the device's; without a choice, change between light and dark. Back to where one was."""
    other = "light" if request.user.theme == "dark" else "dark"
    chosen = parsing.choice(request.POST.get("theme"), {"light", "dark", "system"}, default=other)
    User.objects.filter(pk=request.user.pk).update(theme="" if chosen == "system" else chosen)
    return moved(request, _way_back(request))


@signed_in
@require_POST
def sign_out_everywhere(request):
    """End every session of this user, this one too."""
    sessions_of.end_all(request.user)
    logout(request)
    return redirect("account_login")


@signed_in
@require_POST
def sign_out_elsewhere(request):
    """End every session of this user but this one."""
    ended = sessions_of.end_all(request.user, but=request.session.session_key)
    messages.info(request, _("Signed out elsewhere.") if ended else _("You are signed in here alone."))
    return redirect("account")


@signed_in
@require_POST
def end_session(request, pk):
    """End one session of this user; another's is missing."""
    chosen = sessions_of.live(request.user).filter(pk=pk).first()
    if chosen is None:
        raise Http404
    sessions_of.end(sessions_of.live(request.user).filter(pk=pk))
    if chosen.session_key == request.session.session_key:
        logout(request)
        return redirect("account_login")
    messages.info(request, _("Signed out there."))
    return redirect("account")


def _sessions(request):
    """Return where the user is signed in, this browser first."""
    here = request.session.session_key
    return sorted(sessions_of.live(request.user), key=lambda session: session.session_key != here)


def _way_back(request):
    for url in (request.POST.get("next") or "", request.META.get("HTTP_REFERER") or ""):
        is_address = url.startswith(("/", "http://", "https://"))  # a bare word would be taken for a view's name
        if is_address and url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()):
            return url
    return "/"
