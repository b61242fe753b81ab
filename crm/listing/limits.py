"""A time limit for reading: an order or filter without an index is answered in time or not at all."""

from contextlib import contextmanager

from django.db import OperationalError, connection, transaction


class TooSlow(Exception):
    """The database did not answer within the limit."""


@contextmanager
def time_limit(milliseconds):
    """Everything read inside is given up after so many milliseconds. Raises TooSlow."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [milliseconds])
            yield
            cursor.execute("SET LOCAL statement_timeout = 0")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == "57014":  # query_canceled
            raise TooSlow from error
        raise
