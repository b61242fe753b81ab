"""Is the database as the last start left it, and the code too? Then there is nothing to bring up to date."""

import hashlib

import psycopg

from crm.launcher.terminal import ROOT


def state(url):
    """Return a fingerprint of our code and of the migrations that the database has had; None if it has had none."""
    try:
        with psycopg.connect(url) as connection:
            applied = connection.execute("SELECT app, name, applied FROM django_migrations ORDER BY id").fetchall()
    except psycopg.errors.UndefinedTable:
        return None
    total = hashlib.sha256(repr(applied).encode())
    for path in [ROOT / "requirements.lock", *_sources()]:
        total.update(path.read_bytes())
    return total.hexdigest()


def _sources():
    """Return the modules of all our apps: what `migrate` does at its end stands there as well."""
    return [path for app in sorted(ROOT.glob("*/migrations")) for path in sorted(app.parent.rglob("*.py"))]


def is_prepared(directory, url):
    """Return whether nothing has changed since `note_prepared`."""
    noted = directory / "prepared"
    return noted.exists() and noted.read_text() == state(url)


def note_prepared(directory, url):
    (directory / "prepared").write_text(state(url) or "")
