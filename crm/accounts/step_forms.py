"""Forms of the second step: codes, passkeys, and setting them up."""

import json

from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.webauthn import forms as webauthn
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import Error as DatabaseFailure
from django.utils.translation import gettext_lazy as _

from crm.accounts import sealing
from crm.accounts.adapter import AccountAdapter
from crm.accounts.limits import Attempt

CODE_WIDGET = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "autofocus": True,
    "spellcheck": "false",
    "placeholder": "",
}
MOST_PASSKEYS = 20
LONGEST_CREDENTIAL = 20_000  # characters of JSON
ACCEPTED_FOR = 2 * (app_settings.TOTP_TOLERANCE + 1) * app_settings.TOTP_PERIOD  # seconds a code can come again


class _Code:
    """A code that is tried no more often than a password, and accepted once."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["code"].max_length = 32
        self.fields["code"].widget.attrs.update(CODE_WIDGET)

    def clean_code(self):
        accounts = AccountAdapter()
        attempt = Attempt(f"second step of {self.user.pk}", accounts.get_client_ip(context.request))
        if not attempt.is_allowed():
            raise accounts.validation_error("too_many_login_attempts")
        try:
            code = super().clean_code()
        except sealing.Unreadable:
            raise get_adapter().validation_error("incorrect_code") from None
        _use_up(self.user, code)
        attempt.succeeded()
        return code


def _use_up(user, code):
    """Accept a code that was right. Raises ValidationError for one that was accepted before."""
    digits = "".join(letter for letter in code if letter.isdigit())
    if not cache.add(f"second-step-used:{user.pk}:{digits}", True, ACCEPTED_FOR):
        raise get_adapter().validation_error("incorrect_code")


class CodeForm(_Code, base.AuthenticateForm):
    code = forms.CharField(label=_("Code"), max_length=32)


class CodeAgainForm(_Code, base.ReauthenticateForm):
    code = forms.CharField(label=_("Code"), max_length=32)


class AppForm(totp.ActivateTOTPForm):
    """Shows a new secret until its first code has come back; the session keeps it sealed."""

    code = forms.CharField(label=_("Code from the app"), max_length=32)

    def __init__(self, *args, user, **options):
        self.user = user
        forms.Form.__init__(self, *args, **options)
        self.fields["code"].widget.attrs.update(CODE_WIDGET)
        self.secret = (self.is_bound and _pending_secret()) or _new_secret()

    def clean_code(self):
        code = super().clean_code()
        _use_up(self.user, code)
        return code


def _pending_secret():
    try:
        return sealing.opened(context.request.session[SECRET_SESSION_KEY])
    except (KeyError, sealing.Unreadable):
        return None


def _new_secret():
    secret = generate_totp_secret()
    context.request.session[SECRET_SESSION_KEY] = sealing.sealed(secret)
    return secret


class _Passkey:
    """Whatever a browser, or somebody else, sends as a credential: it is right, or the form is refused."""

    def clean_credential(self):
        credential = self.cleaned_data["credential"]
        try:
            if not isinstance(credential, dict) or len(json.dumps(credential)) > LONGEST_CREDENTIAL:
                raise TypeError("no credential")
            return self.checked(credential)
        except DatabaseFailure:
            raise
        except ValidationError as refused:
            if refused.code == "too_many_login_attempts":
                raise
        except Exception:
            pass
        raise get_adapter().validation_error("wrong_passkey") from None

    def checked(self, credential):
        """Return what the form is about. Raises whatever the library makes of bytes that are none of its."""
        return super().clean_credential()


class PasskeyStepForm(_Passkey, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(_Passkey, webauthn.ReauthenticateWebAuthnForm):
    pass


class PasskeySignInForm(_Passkey, webauthn.LoginWebAuthnForm):
    pass


class PasskeyForm(_Passkey, webauthn.AddWebAuthnForm):
    """A new passkey, always one that can sign in by itself: the device has asked its owner."""

    passwordless = None
    name = forms.CharField(
        label=_("Name"), max_length=60, required=False, help_text=_("So that you know it again: “Work laptop”.")
    )

    def checked(self, credential):
        auth.parse_registration_response(credential)
        if not auth.complete_registration(credential).is_user_verified():
            raise ValueError("the device did not ask its owner")
        return credential

    def clean(self):
        passkeys = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.WEBAUTHN)
        if passkeys.count() >= MOST_PASSKEYS:
            raise get_adapter().validation_error("too_many_passkeys")
        return self.cleaned_data


class PasskeyNameForm(webauthn.EditWebAuthnForm):
    name = forms.CharField(label=_("Name"), max_length=60)
