"""What the tests of signing in in two steps share: a user's authenticator app, and the way in."""

import base64
import re
import time

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.test import Client

from tests.crm.conftest import PASSWORD

LOGIN, STEP, SECURITY = "/accounts/login/", "/accounts/second-step/", "/account/security/"


def code_of(secret, steps=0):
    """Return what an app shows for the secret now, or so many steps of 30 seconds from now."""
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(time.time() + 30 * steps).decode()


def password(client, user, **extra):
    return client.post(LOGIN, {"login": user.email, "password": PASSWORD}, **extra)


def shown_secret(page):
    return re.search(r'<code class="key">(\w+)</code>', page.content.decode())[1]


def set_up_app(client):
    """Set up an app for whoever is signed in; return its secret."""
    secret = shown_secret(client.get("/account/security/app/"))
    response = client.post("/account/security/app/", {"code": code_of(secret, -1)})
    assert response.status_code == 302, response.content
    return secret


def shown_codes(client):
    return re.findall(r"<code>(\d{8})</code>", client.get("/account/security/codes/").content.decode())


def with_app(user):
    """Give the user an app; return (secret, recovery codes)."""
    client = Client()
    password(client, user)
    return set_up_app(client), shown_codes(client)


def is_signed_in(client):
    return client.get("/account/").status_code == 200


def kinds(user):
    return sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))
