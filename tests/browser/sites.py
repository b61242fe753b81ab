"""A whole site for one test process: a seeded database of its own, served by granian as in production."""

import io
import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from crm.embedded import processes
from tests.platform.sites import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PEOPLE = 300
FIRST_ANSWER_SECONDS = 180


@dataclass(frozen=True)
class Site:
    """Where the site answers, and the database behind it."""

    url: str
    database: str
    log: Path

    def said(self):
        """Return the end of what the server wrote."""
        return self.log.read_text()[-6000:]


@contextmanager
def running(directory):
    """Keep a seeded site running inside the block, its files in `directory`; give the Site."""
    with seeded_database() as name:
        environment = _environment(directory, name)
        _manage(environment, "collectstatic", "--no-input", "--verbosity", "0")
        url = f"http://localhost:{free_port()}"
        site = Site(url, name, directory / "web.log")
        process = _serve(url, environment | {"BASE_URL": url}, site.log)
        try:
            _await_answer(site, process)
            yield site
        finally:
            processes.stop(process, signals=[], patience=0)


@contextmanager
def beside(site, url, settings):
    """Keep the same site running at another address inside the block, with more settings in its environment."""
    environment = _environment(site.log.parent, site.database) | {"BASE_URL": url} | settings
    second = Site(url, site.database, site.log.with_name(f"beside-{url.rpartition(':')[2]}.log"))
    process = _serve(url, environment, second.log)
    try:
        _await_answer(second, process)
        yield second
    finally:
        processes.stop(process, signals=[], patience=0)


@contextmanager
def seeded_database():
    """Make a database beside the one of the settings, with the demo company in it; give its name."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    name = f"{connection.settings_dict['NAME']}_site_{worker}"
    drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    _as_administrator(drop, f'CREATE DATABASE "{name}"')
    try:
        with connected_to(name):
            call_command("migrate", verbosity=0)
            call_command("seed", "--demo", people=PEOPLE, users=60, stdout=io.StringIO())
        yield name
    finally:
        _as_administrator(drop)


@contextmanager
def connected_to(name):
    """Have the ORM work on the database of this name inside the block."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def _as_administrator(*statements):
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _environment(directory, database):
    kept = {name: value for name, value in os.environ.items() if name not in {"DEBUG", "CORNERSTONE_PROCESS"}}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "tests.browser.site_settings",
        "DATABASE_URL": _database_url(database),
        "SECRET_KEY": settings.SECRET_KEY,  # sessions written by tests hold there
        "CORNERSTONE_DEMO": "1",
        "VAR_DIR": str(directory),
        "LOG_LEVEL": "WARNING",
    }


def _database_url(name):
    entry = connection.settings_dict
    host, port, user, password = (entry[key] for key in ("HOST", "PORT", "USER", "PASSWORD"))
    return f"postgres://{user}:{password}@/{name}?host={host}&port={port}"


def _manage(environment, *command):
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)


def _serve(url, environment, log):
    port = url.rpartition(":")[2]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port]
    command += ["--blocking-threads", "4", "--no-ws", "crm.wsgi:application"]
    return processes.spawn(command, log=log, env=environment, cwd=ROOT)


def _await_answer(site, process):
    deadline = time.monotonic() + FIRST_ANSWER_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{site.url}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The site does not answer:\n{site.said()}")
