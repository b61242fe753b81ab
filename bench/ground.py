"""The databases of the benchmark: one for each number of people, made once."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
HEAVY = 50_000  # talks with one person


def database(people):
    """Return the URL of a database with so many people in it; fill it first if need be, or if it is out of date."""
    base = os.environ["DATABASE_URL"]
    name = f"{urlsplit(base).path[1:]}_bench_{people}"
    url = urlsplit(base)._replace(path=f"/{name}").geturl()
    with psycopg.connect(base, autocommit=True) as connection:
        if _note(connection, name) != _recipe():
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            _fill(url, people)
            comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
            connection.execute(comment.format(sql.Identifier(name), sql.Literal(_recipe())))
    return url


def _note(connection, name):
    """Return by which recipe a database was filled: its comment. None if it is not there or was left half full."""
    found = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    return found and found[0]


def _recipe():
    """Return what the schema is made by, in a few characters."""
    files = sorted(ROOT.glob("*/migrations/0*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def _fill(url, people):
    started = time.monotonic()
    manage(url, "migrate", "--no-input", "--verbosity", "0")
    manage(url, "seed", "--demo", "--people", str(people), "--heavy", str(HEAVY))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    print(f"Filled with {people:,} people in {time.monotonic() - started:.0f} s", flush=True)


def manage(url, *arguments):
    """Run a command of manage.py over a database."""
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment(url), check=True)


def measure(module, arguments, *, people=100_000):
    """Run `module --measure` in a process of its own, over the database with PEOPLE, or so many, people."""
    url = database(int(os.environ.get("PEOPLE") or people))
    subprocess.run([sys.executable, "-m", module, "--measure", *arguments], cwd=ROOT, env=environment(url), check=True)


def set_up():
    """Make the models ready, in the process that measures."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()


def environment(url):
    return os.environ | {"DATABASE_URL": url, "CORNERSTONE_DEMO": "1", "LOG_LEVEL": "WARNING"}
