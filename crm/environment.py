"""How the environment becomes settings: defaults, kept secrets, servers of our own."""

import os
import secrets
import socket
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Seconds per kind of process: one statement, waiting for a lock, idle inside a transaction.
TIMEOUTS = {"web": (15, 3, 30), "worker": (15 * 60, 30, 5 * 60), "command": (0, 60, 0)}


def process():
    """Return what kind of process this is: "web", "worker", "test" or "command"."""
    return os.environ.get("CORNERSTONE_PROCESS", "command")


def is_testing():
    """Return whether the settings are loaded for the test suite."""
    return "pytest" in sys.modules or process() == "test"


def default_hosts(base_host, demo):
    """Return the names we answer to when ALLOWED_HOSTS is not set; a demo also answers on this machine's own."""
    own = {socket.gethostname()} if demo else set()
    return sorted({base_host or "localhost", "localhost", "127.0.0.1", "[::1]"} | own)


def secret_key(given, *, kept_in):
    """Return the key given, else a random one kept in the directory `kept_in`.

    A command that signs nothing gets one for itself. Raises ImproperlyConfigured if there is none of these: production
    does not start without a key of its own.
    """
    if given:
        return given
    if sys.argv[1:2] in (["find_duplicates"],):
        return secrets.token_urlsafe(50)
    if kept_in is None:
        raise ImproperlyConfigured("Set SECRET_KEY to a long random text (50 characters or more).")
    return kept_random_key(kept_in / "secret_key")


def kept_random_key(path):
    """Return the key in the file; the first to ask writes a random one, also when two ask at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            os.link(own, path)  # fails if another process was first: then its key is the one
        own.unlink()
    return path.read_text()


def database(env, var_dir):
    """Return Django's entry for the database that DATABASE_URL names, or for the embedded server's."""
    url = env.str("DATABASE_URL", "") or _embedded("database_url", var_dir) or "postgres:///crm"
    entry = parsed_database_url(url)
    entry["OPTIONS"]["options"] = " ".join(filter(None, [entry["OPTIONS"].get("options"), _timeouts(process())]))
    return entry


def parsed_database_url(url):
    """Return Django's database entry for a URL such as postgres://user:password@host:5432/name?sslmode=require."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must start with postgres://")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    port = options.pop("port", None) or parts.port or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or options.pop("dbname", ""),
        "USER": unquote(parts.username or "") or options.pop("user", ""),
        "PASSWORD": unquote(parts.password or "") or options.pop("password", ""),
        "HOST": host,
        "PORT": str(port),
        "CONN_MAX_AGE": 600,  # seconds
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **options},
    }


def _timeouts(kind):
    statement, lock, idle = (seconds * 1000 for seconds in TIMEOUTS.get(kind, TIMEOUTS["command"]))
    limits = f"-c statement_timeout={statement} -c lock_timeout={lock} -c idle_in_transaction_session_timeout={idle}"
    return f"{limits} -c pgtrigger.ignore={{}}"  # unset, each trigger finds that out by an error, for every row


def redis_url(env, var_dir):
    """Return the broker's URL: REDIS_URL, or the embedded server's."""
    return env.str("REDIS_URL", "") or _embedded("redis_url", var_dir) or "redis://127.0.0.1:6379/0"


def broker_options():
    """Return how long the broker may take. Only a worker waits for it; the others ask once and go on without it."""
    waits = process() == "worker"
    once = {"max_retries": 0, "interval_start": 0, "interval_step": 0}
    return {"socket_connect_timeout": 0.5, "socket_timeout": 30 if waits else 0.5, **({} if waits else once)}


def celery_url(url):
    """Return the URL as Celery spells it: a unix socket is redis+socket://, the number of its database virtual_host."""
    if not url.startswith("unix://"):
        return url
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


def email(url, directory):
    """Return the settings of a way out for mail: smtp://user:password@host:587, smtps://, file:///directory, or an HTTP
    provider by its name: postmark://TOKEN@, mailgun://KEY@mg.example.com (see PROVIDERS).

    Without a URL, mail is written into files in `directory`.
    """
    parts = urlsplit(url or directory.as_uri())
    if parts.scheme == "file":
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"EMAIL_BACKEND": backend, "EMAIL_FILE_PATH": unquote(parts.path)}
    if parts.scheme in PROVIDERS:
        return _provider(parts)
    if parts.scheme not in {"smtp", "smtps"}:
        known = ", ".join(sorted(PROVIDERS))
        raise ImproperlyConfigured(f"EMAIL_URL must start with smtp://, smtps:// or file:///, or name one of {known}")
    options = dict(parse_qsl(parts.query))
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if secure else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": options.get("tls", "no").lower() in {"1", "yes", "true"},
        "EMAIL_TIMEOUT": 10,  # seconds
    }


PROVIDERS = {  # how anymail names what stands before the @, and after it
    "brevo": ("BREVO_API_KEY", ""),
    "mailersend": ("MAILERSEND_API_TOKEN", ""),
    "mailgun": ("MAILGUN_API_KEY", "MAILGUN_SENDER_DOMAIN"),
    "mailjet": ("MAILJET_API_KEY", ""),
    "postmark": ("POSTMARK_SERVER_TOKEN", ""),
    "resend": ("RESEND_API_KEY", ""),
    "sendgrid": ("SENDGRID_API_KEY", ""),
    "sparkpost": ("SPARKPOST_API_KEY", ""),
}


def _provider(parts):
    """Return the settings of an HTTP provider: provider://KEY:SECRET@DOMAIN?url=https://api.eu.example/."""
    name, (key, domain), options = parts.scheme, PROVIDERS[parts.scheme], dict(parse_qsl(parts.query))
    # urlsplit lowers the host alone: a key keeps its letters
    if not parts.username:
        raise ImproperlyConfigured(f"EMAIL_URL needs the key: {name}://KEY@")
    anymail = {key: unquote(parts.username), "REQUESTS_TIMEOUT": 10, "IGNORE_UNSUPPORTED_FEATURES": True}
    if name == "mailjet":
        anymail["MAILJET_SECRET_KEY"] = unquote(parts.password or "")
    if domain and parts.hostname:
        anymail[domain] = parts.hostname
    if "url" in options:
        anymail[f"{name.upper()}_API_URL"] = options["url"]
    return {"EMAIL_BACKEND": f"anymail.backends.{name}.EmailBackend", "ANYMAIL": anymail}


OIDC_NAMES = ("OIDC_NAME", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")


def oidc(env):
    """Return how to reach the firm's OpenID provider, or None if none is named.

    Raises ImproperlyConfigured for half of a configuration, and for an issuer that is no https address (http is
    for this machine alone).
    """
    given = {name: env.str(name, "").strip() for name in OIDC_NAMES}
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(OIDC_NAMES):
        return None
    if missing:
        raise ImproperlyConfigured(f"Sign-in by OpenID Connect also needs {', '.join(missing)}.")
    issuer = urlsplit(given["OIDC_ISSUER"])
    schemes = {"https", "http"} if issuer.hostname in {"localhost", "127.0.0.1", "::1"} else {"https"}
    if not issuer.hostname or issuer.query or issuer.fragment or issuer.scheme not in schemes:
        raise ImproperlyConfigured("OIDC_ISSUER must be an https address, such as https://sso.example.com/realms/firm")
    if len(given["OIDC_ISSUER"]) > 200:
        raise ImproperlyConfigured("OIDC_ISSUER has more than 200 characters.")
    return {
        "name": given["OIDC_NAME"],
        "issuer": given["OIDC_ISSUER"],
        "client_id": given["OIDC_CLIENT_ID"],
        "secret": given["OIDC_CLIENT_SECRET"],
        "hosts": env.list("OIDC_HOSTS", []),  # others than the issuer's that its endpoints may stand on
        "trusts_mfa": env.bool("OIDC_TRUST_MFA", False),
    }


def _embedded(name, var_dir):
    try:
        from crm import embedded
    except ImportError:
        return None
    return getattr(embedded, name)(Path(var_dir)) if hasattr(embedded, name) else None
