"""Is the database there, and is it one that we can work with?"""

import psycopg

from crm.launcher.terminal import LauncherError

OLDEST = 15


def require_usable(url):
    """Raise LauncherError with plain words if the database cannot be reached or is too old."""
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10000
    except psycopg.Error as error:
        raise LauncherError(f"The database that DATABASE_URL names cannot be used: {error}".strip()) from error
    if version < OLDEST:
        raise LauncherError(
            f"Cornerstone needs PostgreSQL {OLDEST} or newer; DATABASE_URL names a PostgreSQL {version}."
        )
