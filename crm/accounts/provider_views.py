"""There and back: to the firm's sign-in provider, and in by what it says."""

import secrets

import requests
from allauth.account.utils import get_login_redirect_url, get_next_redirect_url
from allauth.core import ratelimit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from crm.accounts.provider import Protocol, failed

FAILED = (requests.RequestException, OAuth2Error)  # the provider is away, or what it says cannot be believed


@require_POST
def start(request):
    """Send the browser to the provider: by a page, since a form may lead to no other site under our policy."""
    if settings.OIDC is None:
        raise Http404
    if request.user.is_authenticated:
        return redirect(get_login_redirect_url(request))
    if limited := ratelimit.consume_or_429(request, action="login"):
        return limited
    nonce = secrets.token_urlsafe(32)
    try:
        provider = get_adapter(request).get_provider(request, settings.OIDC["issuer"])
        asked = {"nonce": nonce, "auth_params": {"nonce": nonce}, "next_url": get_next_redirect_url(request)}
        there = provider.redirect(request, AuthProcess.LOGIN, **asked)
    except FAILED as error:
        return failed(request, error)
    return render(request, "account/provider.html", {"url": there.url, "provider": settings.OIDC})


@require_safe
def callback(request):
    """Where the provider sends the browser back to."""
    if settings.OIDC is None:
        raise Http404
    if request.user.is_authenticated:
        return redirect(get_login_redirect_url(request))
    try:
        return Callback.adapter_view(Protocol(request, settings.OIDC["issuer"]))(request)
    except FAILED as error:
        return failed(request, error)


class Callback(OAuth2CallbackView):
    def _get_state(self, request, provider):
        """Take the state out of the session, and with it the nonce that the answer has to carry."""
        state, refusal = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, refusal
