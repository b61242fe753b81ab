"""How allauth fits Cornerstone: no sign-up, limits in PostgreSQL, mail by job, links to our own address."""

import time
from urllib.parse import quote, urljoin

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from crm import mailing
from crm.accounts import sessions_of
from crm.accounts.limits import Attempt
from crm.accounts.notes import SignInNote
from crm.administration import checklist
from crm.firm import firm
from crm.policies import ADMINISTRATION

NOTED = {
    "mfa/email/totp_activated": SignInNote.What.APP_ADDED,
    "mfa/email/totp_deactivated": SignInNote.What.APP_REMOVED,
    "mfa/email/webauthn_added": SignInNote.What.PASSKEY_ADDED,
    "mfa/email/webauthn_removed": SignInNote.What.PASSKEY_REMOVED,
    "mfa/email/recovery_codes_generated": SignInNote.What.CODES_MADE,
    "account/email/password_changed": SignInNote.What.PASSWORD_CHANGED,
    "account/email/password_reset": SignInNote.What.PASSWORD_CHANGED,
    "socialaccount/email/account_connected": SignInNote.What.PROVIDER_LINKED,
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_password": "This is not your password.",
        "email_password_mismatch": "Mail and password do not belong together.",
        "too_many_login_attempts": "Too many tries. Wait ten minutes, or set a new password.",
    }

    def is_open_for_signup(self, request):
        """Return False: an administrator invites."""
        return False

    def get_client_ip(self, request):
        """Return the address that ProxyMiddleware has settled."""
        return request.META.get("REMOTE_ADDR") or "0.0.0.0"

    def pre_authenticate(self, request, **credentials):
        """Count the try before the password is looked at: of many at once only the first few are looked at at all."""
        self.attempt = Attempt(credentials.get("email", ""), self.get_client_ip(request))
        if not self.attempt.is_allowed():
            raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self):
        self.attempt.succeeded()

    def _delete_login_attempts_cached_email(self, request, **credentials):
        Attempt(credentials["email"], self.get_client_ip(request)).forget()

    def get_login_redirect_url(self, request):
        """Return where a sign-in leads: an administrator to the set-up, as long as there is something to do in it."""
        user = request.user
        if user.access.may(ADMINISTRATION, "view") and not checklist.is_finished(user, firm()):
            return reverse("settings")
        return super().get_login_redirect_url(request)

    def get_login_stages(self):
        """Return what stands between the password, or the provider's word, and being signed in."""
        theirs, ours = "allauth.mfa.stages.AuthenticateStage", "crm.accounts.stages.SecondStepStage"
        return [ours if stage == theirs else stage for stage in super().get_login_stages()]

    def login(self, request, user):
        super().login(request, user)
        sessions_of.note(request.session.session_key)

    def is_reauthentication_required(self, *, app, **_options):
        """Whether to ask who is there: not when they have just signed in with something of their own."""
        own = (record for record in self._records() if record["method"] in ("password", "mfa"))
        since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
        return not any(record["at"] > since for record in own)

    def _records(self):
        return get_authentication_records(self.request, self.request.user)

    def get_password_change_redirect_url(self, request):
        return reverse("account")

    def get_reset_password_from_key_url(self, key):
        """Return the link for the mail; its host is BASE_URL's, whatever host the request named."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return urljoin(settings.BASE_URL, path.replace("UID-KEY", quote(key)))

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Tell a user by mail what changed about how they sign in, and keep a note of it."""
        if what := NOTED.get(template_prefix):
            SignInNote.objects.create(user=user, what=what, by=user, ip=self.get_client_ip(self.request))
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email or user.email)

    def send_mail(self, template_prefix, email, context):
        """Write the mail into the outbox: a mail server that is slow or away holds nobody up."""
        subject, body = mail(template_prefix, context)
        mailing.send(to=email, subject=subject, text=body, purpose=mailing.Purpose.NOTIFICATION)


def mail(template_prefix, context):
    """Return subject and body of a mail in plain text."""
    context = {"base_url": settings.BASE_URL, **{key: value for key, value in context.items() if key != "request"}}
    subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
    return subject, render_to_string(f"{template_prefix}_message.txt", context).strip() + "\n"
