"""Django's cache as a table of PostgreSQL: sign-in limits hold when Redis is down, and are never culled."""

import json
from datetime import UTC, datetime, timedelta

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection, models
from django.utils import timezone

_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


class CacheRow(models.Model):
    """One cached value as JSON, worthless after `expires_at`."""

    key = models.CharField(max_length=300, primary_key=True)
    value = models.JSONField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return self.key


class PostgresCache(BaseCache):
    """A cache of JSON values. `add` and `incr` are each one atomic statement.

    Rows leave only when they have expired (a nightly job): whoever fills the cache
    cannot push a lockout out of it. Values that JSON does not know raise TypeError.
    """

    def __init__(self, _location, params):
        super().__init__(params)

    def get(self, key, default=None, version=None):
        return self.get_many([key], version).get(key, default)

    def get_many(self, keys, version=None):
        keys = {self._key(key, version): key for key in keys}
        rows = self._live().filter(pk__in=keys).values_list("pk", "value")
        return {keys[pk]: value for pk, value in rows}

    def has_key(self, key, version=None):
        return self._live().filter(pk=self._key(key, version)).exists()

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        self._write(
            """INSERT INTO {table} (key, value, expires_at) VALUES (%s, %s::jsonb, %s)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at""",
            [self._key(key, version), json.dumps(value), self._expiry(timeout)],
        )

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        """Store the value unless a live one stands there; return whether it was stored."""
        return bool(
            self._write(
                """INSERT INTO {table} (key, value, expires_at) VALUES (%s, %s::jsonb, %s)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
                   WHERE {table}.expires_at <= %s""",
                [self._key(key, version), json.dumps(value), self._expiry(timeout), timezone.now()],
            )
        )

    def incr(self, key, delta=1, version=None):
        """Add `delta` to a number and return it. Raises ValueError if there is none."""
        sql = """UPDATE {table} SET value = to_jsonb(value::bigint + %s)
                 WHERE key = %s AND expires_at > %s RETURNING value::bigint"""
        with connection.cursor() as cursor:
            cursor.execute(self._sql(sql), [delta, self._key(key, version), timezone.now()])
            row = cursor.fetchone()
        if row is None:
            raise ValueError(f"Key {key!r} not found")
        return row[0]

    def count(self, key, seconds):
        """Count one more within the window of `seconds` that the first one opened; return the count so far."""
        now = timezone.now()
        sql = """INSERT INTO {table} AS row (key, value, expires_at) VALUES (%s, '1'::jsonb, %s)
                 ON CONFLICT (key) DO UPDATE SET
                     value = CASE WHEN row.expires_at <= %s THEN '1' ELSE to_jsonb(row.value::bigint + 1) END,
                     expires_at = CASE WHEN row.expires_at <= %s THEN excluded.expires_at ELSE row.expires_at END
                 RETURNING value::bigint"""
        with connection.cursor() as cursor:
            cursor.execute(self._sql(sql), [self._key(key, None), now + timedelta(seconds=seconds), now, now])
            return cursor.fetchone()[0]

    def uncount(self, key):
        """Take one count back, if its window is still open."""
        sql = """UPDATE {table} SET value = to_jsonb(greatest(value::bigint - 1, 0))
                 WHERE key = %s AND expires_at > %s"""
        self._write(sql, [self._key(key, None), timezone.now()])

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        return bool(self._live().filter(pk=self._key(key, version)).update(expires_at=self._expiry(timeout)))

    def delete(self, key, version=None):
        return bool(CacheRow.objects.filter(pk=self._key(key, version)).delete()[0])

    def clear(self):
        CacheRow.objects.all().delete()

    def clear_expired(self):
        """Delete the rows that are worthless now; return how many."""
        return CacheRow.objects.filter(expires_at__lte=timezone.now()).delete()[0]

    def _key(self, key, version):
        return self.make_and_validate_key(key, version=version)

    def _expiry(self, timeout):
        at = self.get_backend_timeout(timeout)
        return _FOREVER if at is None else datetime.fromtimestamp(at, tz=UTC)

    def _live(self):
        return CacheRow.objects.filter(expires_at__gt=timezone.now())

    def _sql(self, sql):
        return sql.format(table=connection.ops.quote_name(CacheRow._meta.db_table))

    def _write(self, sql, parameters):
        with connection.cursor() as cursor:
            cursor.execute(self._sql(sql), parameters)
            return cursor.rowcount
