"""The firm's own sign-in: one OpenID provider, named by the environment. It lets nobody in whom we do not know.

django-allauth speaks the protocol (state, PKCE, exchange of the code). What it leaves open is closed here: the nonce,
the signature of the ID token, the issuer of the configuration, where requests may go, and whom a subject stands for.
"""

from contextlib import contextmanager

import requests
import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.base.constants import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.accounts import id_tokens
from crm.accounts.notes import SignInNote
from crm.accounts.outbound import ProviderSession, is_providers
from crm.models import User
from crm.policies import ADMINISTRATION

logger = structlog.get_logger(__name__)
KEPT = ("sub", "email", "email_verified", "name", "amr")  # of what the provider says about somebody
TEXTS = ("email", "name")
AWAY = (requests.ConnectionError, requests.Timeout)


class Untrue(OAuth2Error):
    """What the provider said cannot be believed; the message says why, and holds nothing of what it said."""


@contextmanager
def _reading(what):
    """Read an answer of the provider's inside: raise Untrue where it is of another shape than the protocol's."""
    try:
        yield
    except requests.RequestException:
        raise
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Untrue(f"the {what} of no known shape: {type(error).__name__}") from error


class Protocol(OpenIDConnectOAuth2Adapter):
    """OpenID Connect with this provider."""

    nonce = ""

    @property
    def openid_config(self):
        """Return the provider's configuration. Raises Untrue if it is another's or none."""
        with _reading("configuration"):
            config = super().openid_config
        if not isinstance(config, dict) or not isinstance(config.get("issuer"), str):
            raise Untrue("no configuration")
        if config["issuer"].rstrip("/") != settings.OIDC["issuer"].rstrip("/"):
            raise Untrue("the configuration is another issuer's")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_providers(config.get(name)):
                raise Untrue(f"{name} is not the provider's")
        return config

    def get_callback_url(self, request, app):
        """Return where the provider sends people back to: our own address, whatever host the request named."""
        return settings.BASE_URL + reverse("openid_connect_callback")

    def get_client(self, request, app):
        with _reading("configuration"):
            return super().get_client(request, app)

    def get_access_token_data(self, request, app, client, pkce_code_verifier=None):
        with _reading("token"):
            return super().get_access_token_data(request, app, client, pkce_code_verifier=pkce_code_verifier)

    def parse_token(self, data):
        with _reading("token"):
            return super().parse_token(data)

    def complete_login(self, request, app, token, **options):
        """Return who the provider says this is. Raises Untrue unless the ID token proves it."""
        with _reading("user's data"):
            said = self._proven(app, options["response"].get("id_token"))
            if "email" not in said and self.openid_config.get("userinfo_endpoint"):
                said = self._more(token, said)
        return self.get_provider().sociallogin_from_response(request, _kept(said))

    def _proven(self, app, id_token):
        try:
            return id_tokens.claims(
                id_token,
                keys=_json(self.openid_config["jwks_uri"]),
                issuer=self.openid_config["issuer"],
                client_id=app.client_id,
                nonce=self.nonce,
            )
        except id_tokens.Refused as refused:
            raise Untrue(f"ID token refused: {refused}") from refused

    def _more(self, token, said):
        more = self._fetch_user_info(token.token)
        if not isinstance(more, dict) or more.get("sub") != said["sub"]:
            raise Untrue("the user's data are another's")
        return {**more, **said}


def _kept(said):
    """Return what we keep of what the provider says; an address or a name that is no text is none."""
    kept = {name: said.get(name) for name in KEPT}
    texts = {name: kept[name] for name in TEXTS if isinstance(kept[name], str) and "\0" not in kept[name]}
    return kept | dict.fromkeys(TEXTS) | texts


def _json(url):
    with ProviderSession() as session:
        response = session.get(url)
        response.raise_for_status()
        return response.json()


class Provider(OpenIDConnectProvider):
    oauth2_adapter_class = Protocol


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Who may come in by the provider, and what those are told who may not."""

    def list_apps(self, request, provider=None, client_id=None):
        """Return the one provider of the environment; the database names none."""
        client = settings.OIDC
        if client is None or client_id not in (None, client["client_id"]):
            return []
        if provider not in (None, "openid_connect", client["issuer"]):
            return []
        options = {"server_url": client["issuer"].rstrip("/"), "oauth_pkce_enabled": True}
        names = {"name": client["name"], "client_id": client["client_id"], "secret": client["secret"]}
        return [SocialApp(provider="openid_connect", provider_id=client["issuer"], settings=options, **names)]

    def get_provider(self, request, provider, client_id=None):
        """Return the provider. Raises SocialApp.DoesNotExist if none is configured."""
        return Provider(request, app=self.get_app(request, provider, client_id))

    def get_requests_session(self):
        return ProviderSession()

    def is_open_for_signup(self, request, sociallogin):
        """Return False: an administrator invites."""
        return False

    def authenticate_by_email(self, sociallogin):
        """Return None: an address alone opens nothing; `pre_social_login` links it to its subject first."""

    def pre_social_login(self, request, sociallogin):
        """Let in active users who are linked to this subject, or are now, by an address the provider has verified."""
        sociallogin.token = None  # we ask the provider for nothing more
        user = sociallogin.user if sociallogin.is_existing else _linked(request, sociallogin)
        if user is None or not user.is_active:
            logger.info("provider_sign_in_refused", reason="no account")
            raise ImmediateHttpResponse(render(request, "account/provider_no_account.html", status=403))

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        """Answer with a plain page: 503 if the provider is away, 400 for what it said or what a browser made up."""
        if error == AuthError.CANCELLED:
            messages.info(request, _("You did not sign in there. Nothing has changed."))
            raise ImmediateHttpResponse(redirect("account_login"))
        raise ImmediateHttpResponse(failed(request, exception))


def failed(request, error):
    """Return the page for a sign-in that failed between us and the provider, and write down why."""
    reason = str(error) if isinstance(error, Untrue) else ""
    logger.warning("provider_sign_in_failed", error=type(error).__name__, reason=reason)
    answered = getattr(error, "response", None)
    is_away = isinstance(error, AWAY) or (answered is not None and answered.status_code >= 500)
    context = {"provider": settings.OIDC, "is_away": is_away}
    return render(request, "account/provider_failed.html", context, status=503 if is_away else 400)


@transaction.atomic
def _linked(request, sociallogin):
    """Link the subject to the active user whose address the provider has verified; return them, or None.

    A user linked to another subject of this provider stays so: an address can be given to somebody else.
    """
    said = sociallogin.account.extra_data
    verified = said.get("email_verified")
    if not (verified is True or verified == "true") or not isinstance(said.get("email"), str):
        return None
    email = said["email"].strip().lower()
    user = User.objects.select_for_update(of=("self",)).filter(email=email, is_active=True).first()
    known = user and SocialAccount.objects.filter(user=user, provider=sociallogin.account.provider).first()
    if known and known.uid == sociallogin.account.uid:  # the same sign-in, a moment ago
        sociallogin.account, sociallogin.user = known, user
    elif user and not known:
        sociallogin.connect(request, user)
    return sociallogin.user if sociallogin.is_existing else None


@transaction.atomic
def unlink(user, *, by):
    """Forget which subject of the provider a user is; return how many links there were. `by` None is the system.

    Their next sign-in by the provider links whoever then has their verified address. Raises PermissionDenied if
    `by` may not administer this user.
    """
    if not User.objects.open_to(by, ADMINISTRATION).filter(pk=user.pk).exists():
        raise PermissionDenied
    links = SocialAccount.objects.filter(user=user).delete()[0]
    if links:
        SignInNote.objects.create(user=user, what=SignInNote.What.PROVIDER_UNLINKED, by=by)
    return links
