"""PostgreSQL and Valkey out of Python packages, for a machine that has neither.

Used when DATABASE_URL or REDIS_URL is not set. Each VAR_DIR has servers of its own.
"""

from pathlib import Path


def database_url(var_dir):
    """Return the URL of VAR_DIR's embedded database without starting it; None before its first start."""
    from crm.embedded.places import kept_password
    from crm.embedded.postgres import DATABASE, ROLE

    password = kept_password(var_dir)
    return password and f"postgres://{ROLE}:{password}@/{DATABASE}?host={_sockets(var_dir)}"


def redis_url(var_dir):
    """Return the URL of VAR_DIR's embedded Valkey without starting it; None before its first start."""
    sockets = _sockets(var_dir)
    return sockets and f"unix://{sockets}/valkey.sock"


def _sockets(var_dir):
    link = Path(var_dir) / "sockets"
    return link.resolve() if link.is_symlink() else None
