"""The bytes of raw mails, to the database and back as bytes: Django writes them into the statement in hexadecimal,
which takes a mail of 25 MB three seconds and six times its size in memory."""

from __future__ import annotations

from django.db import connection
from psycopg import Cursor

from crm.receiving.rows import RawMail

TABLE = RawMail._meta.db_table


def put(*, digest, sha256, content, size):
    """Store a raw mail in the current transaction; return its id, None if one of this digest is there."""
    statement = (
        f"INSERT INTO {TABLE} (digest, sha256, content, size) VALUES (%s, %s, %b, %s) "
        "ON CONFLICT (digest) DO NOTHING RETURNING id"
    )
    found = _asked(statement, [digest, sha256, content, size])
    return found and found[0]


def of(raw_id):
    """Return the bytes of a raw mail, b"" if it is gone."""
    found = _asked(f"SELECT content FROM {TABLE} WHERE id = %s", [raw_id])
    return found[0] if found else b""


def part(raw_id, start, end):
    """Return the bytes start..end of a raw mail."""
    found = _asked(f"SELECT substr(content, %s, %s) FROM {TABLE} WHERE id = %s", [start + 1, end - start, raw_id])
    return found[0] if found else b""


def _asked(statement, values):
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values, binary=True).fetchone()
