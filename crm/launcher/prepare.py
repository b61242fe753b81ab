"""Bring the database up to date, and load the demo company once: `python -m crm.launcher.prepare`."""

import os
import time
from contextlib import contextmanager

import django
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection

_LOCK = 0x636F726E  # an advisory lock of PostgreSQL: one at a time prepares a database
_SIGN_IN = "rep@demo.example"  # there when the demo company is


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    with _alone():
        call_command("migrate", interactive=False, verbosity=0)
        if settings.DEMO and "seed" in get_commands() and not _demo_is_there():
            print("Loading the demo company", flush=True)
            call_command("seed", "--demo")


def _demo_is_there():
    from django.contrib.auth import get_user_model

    return get_user_model().objects.filter(email=_SIGN_IN).exists()


@contextmanager
def _alone():
    """Wait, without an open statement that an index built concurrently would wait for, until nobody else prepares."""
    while not _scalar("SELECT pg_try_advisory_lock(%s)"):
        time.sleep(0.5)
    try:
        yield
    finally:
        _scalar("SELECT pg_advisory_unlock(%s)")


def _scalar(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql, [_LOCK])
        return cursor.fetchone()[0]


if __name__ == "__main__":
    main()
