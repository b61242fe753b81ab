"""Settings, from the environment alone. Safe by default, loud when missing; units stand in comments."""

from pathlib import Path
from urllib.parse import urlsplit

import pghistory
import pgtrigger
from csp.constants import NONE, SELF
from environs import Env

from crm import environment

env = Env()

REPO_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", "") or REPO_DIR / "var")
DEMO = env.bool("CORNERSTONE_DEMO", False)  # set by `make run`: demo company, demo sign-ins, a kept random key
DEMO_PASSWORD = env.str("DEMO_PASSWORD", "") or "cornerstone-demo"
DEBUG = env.bool("DEBUG", False)
TESTING = environment.is_testing()

# Where we are reached
BASE_URL = env.str("BASE_URL", "http://localhost:8000").rstrip("/")
_base = urlsplit(BASE_URL)
HTTPS = _base.scheme == "https"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", environment.default_hosts(_base.hostname, DEMO))
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", [])  # addresses or networks whose X-Forwarded-* headers are believed
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]

# Secrets
SECRET_KEY = environment.secret_key(env.str("SECRET_KEY", ""), kept_in=VAR_DIR if DEMO or TESTING else None)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", [])

# Applications
INSTALLED_APPS = [
    "crm",
    "contacts",
    "interactions",
    "quality",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "template_partials.apps.SimpleAppConfig",
    "csp",
]
MIDDLEWARE = [
    "crm.middleware.ProxyMiddleware",
    "crm.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "crm.middleware.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "crm.middleware.ShapeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm.middleware.SignInMiddleware",
    "crm.accounts.middleware.SecondStepMiddleware",
    "crm.accounts.middleware.SeenMiddleware",
    "crm.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "crm.middleware.FailureMiddleware",
]
if TESTING:
    MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")  # nothing is collected; the live server has its own
ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Database
DATABASES = {"default": environment.database(env, VAR_DIR)}

# History: statement triggers into append-only tables; indexes only where history is read by
PGHISTORY_LEVEL = pgtrigger.Statement
PGHISTORY_APPEND_ONLY = True
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False, db_constraint=False)
PGHISTORY_CONTEXT_FIELD = pghistory.ContextForeignKey(db_index=False)

# Templates: parsed once, parts of them by name
_loaders = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [REPO_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                ("template_partials.loader.Loader", [("django.template.loaders.cached.Loader", _loaders)]),
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_htmx.templatetags.django_htmx",
                "template_partials.templatetags.partials",
                "crm.templatetags.cornerstone",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.navigation.context",
            ],
        },
    }
]
FORM_RENDERER = "crm.form_renderer.FormRenderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# Static files
STATIC_URL = "/static/"
STATIC_ROOT = REPO_DIR / "staticfiles"
STATICFILES_DIRS = [("build", REPO_DIR / "static" / "build"), ("img", REPO_DIR / "static" / "img")]  # not the sources
_manifest = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _plain if TESTING or DEBUG else _manifest},
}
MEDIA_ROOT = VAR_DIR / "files"  # outside the web root; files are served by checked views

# Language and time
LANGUAGE_CODE = "en"
LOCALE_PATHS = [REPO_DIR / "locale"]
USE_I18N = any(LOCALE_PATHS[0].glob("*/LC_MESSAGES/*.mo"))  # to look for what is not there takes a sixth of a page
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", "UTC")  # used until a user has chosen a zone

# Sign-in: by e-mail, no sign-up, nothing that tells whether an account exists
AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = ["crm.accounts.backend.Backend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "crm.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers who typed somebody's address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _base.scheme
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60  # seconds after a sign-in during which its owner is not asked again
ACCOUNT_FORMS = {
    "change_password": "crm.accounts.forms.ChangePasswordForm",
    "reauthenticate": "crm.accounts.forms.ReauthenticateForm",
    "reset_password": "crm.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "crm.accounts.forms.ResetPasswordKeyForm",
}
ACCOUNT_RATE_LIMITS = {  # failed sign-ins are counted by crm.accounts.limits
    "login_failed": None,
    "login": "120/m/ip",
    "reset_password": "30/h/ip,5/h/key",
    "reset_password_from_key": "30/m/ip",
    "change_password": "10/m/user",
    "reauthenticate": "30/m/user",  # wrong passwords and codes are counted by crm.accounts.limits
}
SIGN_IN_LIMITS = {  # failures within so many seconds
    "account": (10, 600),
    "address": (50, 600),
    "all": (1000, 600),
}

# Second step: an authenticator app, passkeys, recovery codes. Passkeys belong to the host of BASE_URL.
MFA_ADAPTER = "crm.accounts.second_factors.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Cornerstone"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds that a clock may be off
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_FORMS = {
    "authenticate": "crm.accounts.step_forms.CodeForm",
    "reauthenticate": "crm.accounts.step_forms.CodeAgainForm",
    "activate_totp": "crm.accounts.step_forms.AppForm",
    "add_webauthn": "crm.accounts.step_forms.PasskeyForm",
    "edit_webauthn": "crm.accounts.step_forms.PasskeyNameForm",
    "authenticate_webauthn": "crm.accounts.step_forms.PasskeyStepForm",
    "reauthenticate_webauthn": "crm.accounts.step_forms.PasskeyAgainForm",
    "login_webauthn": "crm.accounts.step_forms.PasskeySignInForm",
}

# Sign-in by the firm's own provider (OpenID Connect), if there is one
OIDC = environment.oidc(env)
SOCIALACCOUNT_ADAPTER = "crm.accounts.provider.ProviderAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10  # seconds

PASSWORD_HASHERS = [
    "crm.accounts.hashers.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "given_name", "family_name"]},
    },
]

# Sessions live in the database, messages in a cookie
SESSION_ENGINE = "crm.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "crm.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.fallback.FallbackStorage"
CACHES = {
    "default": {"BACKEND": "crm.cache.PostgresCache"},
    # of one process: quiet numbers beside sections, which may be a minute old and are to cost a page no query
    "near": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}},
}

# What browsers are told
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# What a request may weigh
REQUEST_MAX_BYTES = 50 * 1024 * 1024  # files counted
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # bytes, files not counted
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# Mail: the outbox is the truth; EMAIL_URL says where it goes, EMAIL_LIMITS how fast ("5/s,100/m,2000/d")
globals().update(environment.email(env.str("EMAIL_URL", ""), VAR_DIR / "mail"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("EMAIL_FROM", f"Cornerstone <no-reply@{_base.hostname or 'localhost'}>")
EMAIL_LIMITS = env.str("EMAIL_LIMITS", "")
EMAIL_SENT_URL = env.str("EMAIL_SENT_URL", "")  # imaps://user:password@host/Sent: where mails in doubt are looked for
MAIL_SINK = env.str("MAIL_SINK", "") if DEMO or DEBUG else ""  # where `make run`'s sink keeps what it gets; has a page

# Mail in: the receiver, and mailboxes fetched by IMAP
MAIL_DOMAIN = env.str("MAIL_DOMAIN", "").lower() or _base.hostname or "localhost"  # of addresses for answers
RECEIVE_MAIL_AT = env.str("RECEIVE_MAIL_AT", "")  # host:port; none: no receiver
RECEIVE_MAIL_FOR = [one.lower() for one in env.list("RECEIVE_MAIL_FOR", [])]  # further addresses and domains
RECEIVE_MAIL_CONNECTIONS = env.int("RECEIVE_MAIL_CONNECTIONS", 20)  # at once; each may hold a mail of 25 MB
RECEIVE_MAIL_HOURLY = env.int("RECEIVE_MAIL_HOURLY", 200)  # mails from one sender
MAIL_HOSTS_ALLOWED = env.list("MAIL_HOSTS_ALLOWED", [])  # mail servers on this machine or in our own network

# Jobs: the row is the truth, Celery wakes a worker; a broker that is down costs a request less than a second
REDIS_URL = environment.redis_url(env, VAR_DIR)
CELERY_BROKER_URL = environment.celery_url(REDIS_URL)
CELERY_BROKER_CONNECTION_TIMEOUT = 0.5  # seconds
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = environment.broker_options()
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 5 * 60  # seconds; a kind of job may set its own
CELERY_TASK_TIME_LIMIT = 6 * 60  # seconds
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_TIMEZONE = "UTC"
CELERY_IMPORTS = ["crm.jobs.waking"]
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {  # seconds; what no worker took in time is worth nothing, the next sweep finds the rows
    "sweep": {"task": "crm.jobs.sweep", "schedule": 60.0, "options": {"expires": 55}},
}

# Logs: JSON in production, readable in a demo; never a body, a query or a secret
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGGING_CONFIG = "crm.logs.configure"
LOGGING = {"level": LOG_LEVEL, "readable": DEMO or DEBUG or TESTING}
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20  # INFO
