"""What the environment makes of the settings, seen from a process of its own where it matters."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from crm import environment

ROOT = Path(__file__).resolve().parents[2]
BARE = {"PATH": os.environ["PATH"], "DATABASE_URL": "postgres:///none", "DJANGO_SETTINGS_MODULE": "crm.settings"}


def settings_of(*names, **given):
    """Return these settings as a process with this environment alone has them."""
    script = "import json\nfrom django.conf import settings\n" + "print(json.dumps([" + ",".join(
        f"settings.{name}" for name in names
    ) + "], default=str))"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", script], env=BARE | given, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-500:]
    return json.loads(done.stdout)


def test_production_does_not_start_without_a_key(tmp_path):
    command = [sys.executable, "-c", "from django.conf import settings; settings.DEBUG"]
    done = subprocess.run(command, env=BARE | {"VAR_DIR": str(tmp_path)}, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode
    assert "Set SECRET_KEY" in done.stderr


def test_a_demo_keeps_a_random_key(tmp_path):
    given = {"VAR_DIR": str(tmp_path), "CORNERSTONE_DEMO": "1"}
    first, second = settings_of("SECRET_KEY", **given), settings_of("SECRET_KEY", **given)
    assert first == second
    assert len(first[0]) > 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_two_processes_that_start_at_once_agree_on_the_key(tmp_path, monkeypatch):
    numbers = iter(range(100))
    monkeypatch.setattr(environment.os, "getpid", lambda: next(numbers))
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: environment.kept_random_key(tmp_path / "key"), range(8)))
    assert len(keys) == 1


def test_under_https_cookies_are_secure_and_http_is_left():
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "DEBUG")
    https = settings_of(*names, SECRET_KEY="x", BASE_URL="https://crm.example")
    assert https == [True, True, True, 365 * 24 * 3600, False]
    assert settings_of(*names, SECRET_KEY="x", BASE_URL="http://localhost:8000") == [False, False, False, 0, False]


def test_only_our_own_names_are_answered():
    [hosts] = settings_of("ALLOWED_HOSTS", SECRET_KEY="x", BASE_URL="https://crm.example")
    assert hosts == ["127.0.0.1", "[::1]", "crm.example", "localhost"]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("web", "statement_timeout=15000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=30000"),
        ("worker", "statement_timeout=900000 -c lock_timeout=30000 -c idle_in_transaction_session_timeout=300000"),
        ("command", "statement_timeout=0 -c lock_timeout=60000 -c idle_in_transaction_session_timeout=0"),
    ],
)
def test_each_kind_of_process_has_its_own_patience(kind, options):
    [database] = settings_of("DATABASES", SECRET_KEY="x", CORNERSTONE_PROCESS=kind)
    assert database["default"]["OPTIONS"]["options"] == f"-c {options} -c pgtrigger.ignore={{}}"


def test_the_server_that_serves_pages_is_a_web_process():
    script = "from crm import wsgi; from django.db import connection; print(connection.settings_dict['OPTIONS'])"
    environment = BARE | {"SECRET_KEY": "x", "CORNERSTONE_PROCESS": "test"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert "statement_timeout=15000" in done.stdout, done.stderr[-500:]


@pytest.mark.django_db
def test_the_database_keeps_to_the_time_outs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        assert cursor.fetchone() == ("1min",)


def test_a_database_url_is_read_with_its_odd_signs():
    entry = environment.parsed_database_url("postgres://u%40x:p%2Fw@[::1]:5433/crm%20eu?sslmode=require")
    assert [entry[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "u@x",
        "p/w",
        "::1",
        "5433",
        "crm eu",
    ]
    assert entry["OPTIONS"]["sslmode"] == "require"


def test_a_database_url_may_name_a_socket():
    entry = environment.parsed_database_url("postgres://crm@/crm?host=/run/pg&port=6000")
    assert (entry["HOST"], entry["PORT"]) == ("/run/pg", "6000")


def test_another_database_is_refused():
    with pytest.raises(ImproperlyConfigured):
        environment.parsed_database_url("mysql://localhost/crm")


def test_mail_goes_into_files_unless_a_server_is_named(tmp_path):
    assert environment.email("", tmp_path)["EMAIL_FILE_PATH"] == str(tmp_path)
    given = environment.email("smtp://me:s%40fe@mail.example:587?tls=yes", tmp_path)
    assert (given["EMAIL_HOST"], given["EMAIL_PORT"], given["EMAIL_HOST_PASSWORD"]) == ("mail.example", 587, "s@fe")
    assert (given["EMAIL_USE_TLS"], given["EMAIL_USE_SSL"], given["EMAIL_TIMEOUT"]) == (True, False, 10)
    assert environment.email("smtps://mail.example", tmp_path)["EMAIL_PORT"] == 465
    with pytest.raises(ImproperlyConfigured):
        environment.email("imap://mail.example", tmp_path)


def test_the_broker_may_be_a_socket():
    assert environment.celery_url("unix:///run/v.sock") == "redis+socket:///run/v.sock"
    assert environment.celery_url("unix:///run/v.sock?db=3") == "redis+socket:///run/v.sock?virtual_host=3"


OIDC = {
    "OIDC_NAME": "Firm ID",
    "OIDC_ISSUER": "https://sso.firm.example/realms/firm",
    "OIDC_CLIENT_ID": "crm",
    "OIDC_CLIENT_SECRET": "secret",
}


def test_a_provider_is_named_by_the_environment_alone():
    [client] = settings_of("OIDC", SECRET_KEY="x", OIDC_HOSTS="keys.firm.example", **OIDC)
    assert client == {
        "name": "Firm ID",
        "issuer": "https://sso.firm.example/realms/firm",
        "client_id": "crm",
        "secret": "secret",
        "hosts": ["keys.firm.example"],
        "trusts_mfa": False,
    }
    assert settings_of("OIDC", SECRET_KEY="x") == [None]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        *[({name: ""}, name) for name in OIDC],
        ({"OIDC_ISSUER": "http://sso.firm.example"}, "https"),
        ({"OIDC_ISSUER": "sso.firm.example"}, "https"),
        ({"OIDC_ISSUER": "https://sso.firm.example/?a=b"}, "https"),
        ({"OIDC_ISSUER": "https://sso.firm.example/" + "x" * 200}, "200"),
    ],
)
def test_half_a_provider_stops_the_start(changes, word):
    command = [sys.executable, "-c", "from django.conf import settings; settings.OIDC"]
    environ = BARE | {"SECRET_KEY": "x"} | OIDC | changes
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode
    assert word in done.stderr.splitlines()[-1]
