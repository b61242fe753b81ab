"""One user's calls of the WSGI application, in this process, as the web server makes them."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import unquote, urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection

TOKEN = "bench" * 6 + "ab"  # any 32 letters: sent as cookie and as header


@dataclass(frozen=True)
class Call:
    """What one request cost. `database_ms` is the part of `wall_ms` spent waiting for the database."""

    wall_ms: float
    cpu_ms: float
    database_ms: float
    queries: int
    size: int


class Database:
    """Counts and times the statements that pass; used as an execute_wrapper."""

    def __init__(self):
        self.queries, self.seconds = 0, 0.0

    def __call__(self, execute, sql, params, many, context):
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries += 1
            self.seconds += time.perf_counter() - started


def session_of(user):
    """Sign a user in; return the session's key."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


def cookies(session):
    return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


def call(application, request, session):
    """Make a request of the application; return what it cost."""
    environ, database, statuses = _environ(request, session), Database(), []
    with connection.execute_wrapper(database):
        cpu, wall = time.process_time(), time.perf_counter()
        answer = application(environ, lambda status, _headers: statuses.append(int(status.split()[0])))
        size = sum(map(len, answer))
        answer.close()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if statuses[0] not in {200, 302}:
        raise RuntimeError(f"{request.path} answers {statuses[0]}")
    return Call(wall * 1000, cpu * 1000, database.seconds * 1000, database.queries, size)


def _environ(request, session):
    body = b"" if request.form is None else urlencode(request.form).encode()
    parts = urlsplit(request.path)
    return {
        "REQUEST_METHOD": "GET" if request.form is None else "POST",
        "PATH_INFO": unquote(parts.path), "SCRIPT_NAME": "", "QUERY_STRING": parts.query,
        "SERVER_NAME": "localhost", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost:8000", "REMOTE_ADDR": "127.0.0.1", "HTTP_ACCEPT": "text/html",
        "HTTP_COOKIE": cookies(session), "HTTP_X_CSRFTOKEN": TOKEN,
        "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip
