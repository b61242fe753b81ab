"""The second step: asking for it, setting it up, taking it away. allauth's views in our words and with our limits."""

import json
import time

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import ReauthenticateView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.internal import flows as webauthn_flows
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crm.accounts import second_step
from crm.accounts.views import Refusing, SignIn
from crm.pages import signed_in

SHOWN_FOR = 10 * 60  # seconds in which new recovery codes can be read and taken away, in the browser that made them
SHOWN_UNTIL = "recovery_codes_shown_until"
CODES = Authenticator.Type.RECOVERY_CODES


class TakesPasskey(Refusing):
    """A page on which a passkey can be used: says what it is to be asked for."""

    def get_context_data(self, **options):
        context = super().get_context_data(**options)
        return context | {"passkey_options": json.dumps(context["js_data"]["request_options"])}


class SecondStep(TakesPasskey, base.AuthenticateView):
    """Between the password and being signed in: a code, a recovery code or a passkey."""

    def get_context_data(self, **options):
        types = set(Authenticator.objects.filter(user=self.stage.login.user).values_list("type", flat=True))
        return super().get_context_data(**options) | {
            "has_app": "totp" in types,
            "has_passkey": "webauthn" in types,
            "has_codes": CODES in types,
        }


class PasskeySignIn(Refusing, webauthn.LoginWebAuthnView):
    """Signing in by a passkey alone."""

    def form_valid(self, form):
        passkey = form.cleaned_data["credential"]
        login = Login(user=passkey.user, redirect_url=get_next_redirect_url(self.request))
        return webauthn_flows.perform_passwordless_login(self.request, passkey, login)

    def form_invalid(self, form):
        context = self.get_context_data() | {"form": SignIn.form_class(request=self.request), "passkey_form": form}
        return render(self.request, "account/login.html", context, status=422)


# Who is there? Asked again before anything of the below is changed


class PasswordAgain(Refusing, ReauthenticateView):
    pass


class CodeAgain(Refusing, base.ReauthenticateView):
    pass


class PasskeyAgain(TakesPasskey, webauthn.ReauthenticateWebAuthnView):
    template_name = "mfa/reauthenticate_passkey.html"

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


# What is set up


@signed_in
@require_safe
def security(request):
    """What is set up to sign in with, and what happened to it lately."""
    found = list(Authenticator.objects.filter(user=request.user).order_by("created_at", "pk"))
    codes = next((each for each in found if each.type == CODES), None)
    context = {
        "app": next((each for each in found if each.type == Authenticator.Type.TOTP), None),
        "passkeys": [each for each in found if each.type == Authenticator.Type.WEBAUTHN],
        "codes": codes,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "is_required": request.user.role.mfa_required,
        "is_missing": second_step.is_missing(request),
        "notes": request.user.sign_in_notes.select_related("by").order_by("-at")[:10],
    }
    return render(request, "mfa/index.html", context)


class AppSetUp(Refusing, totp.ActivateTOTPView):
    success_url = reverse_lazy("mfa_index")

    def dispatch(self, request, *args, **options):
        """Whoever has an app already is shown what they have."""
        if is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
            return redirect("mfa_index")
        return super().dispatch(request, *args, **options)

    @transaction.atomic
    def form_valid(self, form):
        second_step.lock(self.request.user)
        if is_mfa_enabled(self.request.user, [Authenticator.Type.TOTP]):
            return redirect("mfa_index")
        response = super().form_valid(form)
        return _after_first_step(self.request, self.did_generate_recovery_codes, response)


class AppRemoval(Refusing, totp.DeactivateTOTPView):
    def get_form_kwargs(self):
        """Say at once, not only when it is sent, that the last step has to stay."""
        return {**super().get_form_kwargs(), "data": {}}

    @transaction.atomic
    def post(self, request, *args, **options):
        second_step.lock(request.user)
        return super().post(request, *args, **options)


def _after_first_step(request, made_codes, response):
    if made_codes:
        _show_codes(request)
        return redirect("mfa_view_recovery_codes")
    return response


# Recovery codes


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request):
    """How many recovery codes are left; new ones, which are shown for ten minutes in this browser and then never."""
    codes = Authenticator.objects.filter(user=request.user, type=CODES).first()
    if codes is None and not recovery.can_generate_recovery_codes(request.user):
        return redirect("mfa_index")
    if request.method == "POST":
        raise_if_reauthentication_required(request, app="allauth.mfa")
        recovery.generate_recovery_codes(request)
        _show_codes(request)
        return redirect("mfa_view_recovery_codes")
    unused = codes.wrap().get_unused_codes() if codes else []
    context = {"left": len(unused), "codes": unused if _are_codes_shown(request) else []}
    return render(request, "mfa/recovery_codes.html", context)


@signed_in
@require_safe
def recovery_codes_file(request):
    """The codes as a text file, while they are shown."""
    codes = Authenticator.objects.filter(user=request.user, type=CODES).first()
    if codes is None or not _are_codes_shown(request):
        raise Http404
    lines = [_("Recovery codes of %(user)s for Cornerstone. Each works once.") % {"user": request.user.email}, ""]
    text = "\r\n".join([*lines, *codes.wrap().get_unused_codes(), ""])
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="cornerstone-recovery-codes.txt"'
    return response


@signed_in
@require_POST
def recovery_codes_kept(request):
    """The codes have been put away: they are shown no more."""
    request.session.pop(SHOWN_UNTIL, None)
    return redirect("mfa_index")


def _show_codes(request):
    request.session[SHOWN_UNTIL] = time.time() + SHOWN_FOR


def _are_codes_shown(request):
    return request.session.get(SHOWN_UNTIL, 0) > time.time()


# Passkeys


class PasskeySetUp(Refusing, webauthn.AddWebAuthnView):
    template_name = "mfa/passkey_new.html"

    def get_context_data(self, **options):
        context = super(webauthn.AddWebAuthnView, self).get_context_data(**options)
        return context | {"passkey_options": json.dumps(auth.begin_registration(self.request.user, True))}

    @transaction.atomic
    def form_valid(self, form):
        second_step.lock(self.request.user)
        response = super().form_valid(form)
        return _after_first_step(self.request, self.did_generate_recovery_codes, response)


class Own(Refusing):
    """Another's passkey is missing before anything else is asked."""

    success_url = reverse_lazy("mfa_index")

    def dispatch(self, request, *args, **options):
        get_object_or_404(Authenticator, pk=options["pk"], user=request.user, type=Authenticator.Type.WEBAUTHN)
        return super().dispatch(request, *args, **options)


class PasskeyName(Own, webauthn.EditWebAuthnView):
    template_name = "mfa/passkey.html"


class PasskeyRemoval(Own, webauthn.RemoveWebAuthnView):
    template_name = "mfa/passkey_removal.html"

    @transaction.atomic
    def post(self, request, *args, **options):
        second_step.lock(request.user)
        return super().post(request, *args, **options)

    def get_context_data(self, **options):
        return super().get_context_data(**options) | {"may_remove": self._may_remove()}

    def form_valid(self, form):
        if not self._may_remove():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        return super().form_valid(form)

    def _may_remove(self):
        return get_adapter().can_delete_authenticator(self.object)
