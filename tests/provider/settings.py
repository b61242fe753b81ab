"""An OpenID provider of other make (django-oauth-toolkit), as a site of its own: own settings, own database, own key.

PROVIDER_DIR holds what it needs: provider.json says where it answers, for which client, and who its people are.
"""

import json
import os
from pathlib import Path

HERE = Path(os.environ["PROVIDER_DIR"])
SAID = json.loads((HERE / "provider.json").read_text())

SECRET_KEY = "of the provider"
DEBUG = False
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "tests.provider.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "oauth2_provider",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": HERE / "provider.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
SESSION_COOKIE_NAME = "provider_session"  # cookies know no ports
CSRF_COOKIE_NAME = "provider_csrf"
LOGIN_URL = "/sign-in/"
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_ISS_ENDPOINT": SAID["issuer"],
    "OIDC_RSA_PRIVATE_KEY": (HERE / "key.pem").read_text(),
    "OAUTH2_VALIDATOR_CLASS": "tests.provider.claims.Claims",
    "PKCE_REQUIRED": True,
    "SCOPES": {"openid": "Who you are", "email": "Your address", "profile": "Your name"},
}
