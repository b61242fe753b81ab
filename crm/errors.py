"""Pages for what went wrong. None of them needs the database, a session or a user."""

import sys
from http.client import responses

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from psycopg import errors as pg

from crm.parsing import BadInput

logger = structlog.get_logger(__name__)

BUSY = (pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure)
SLOW = (_("This took too long"), _("It was stopped after 15 seconds. Narrow it: fewer rows, one more filter."))
TAKEN = (_("Somebody else is changing this"), _("Nothing was changed. Try again in a moment."))


def page(request, status, *, name=None, message=(None, None), retry_after=None):
    """Answer with the error page of this status, whatever else is broken.

    `name`: of another template. `message`: title and text in place of the template's. `retry_after` in seconds.
    """
    title, text = message
    theme = getattr(getattr(request, "_cached_user", None), "theme", "")
    context = {"status": status, "title": title, "text": text, "theme": theme}
    response = HttpResponse(_html(name or str(status), context), status=status)
    response["Cache-Control"] = "private, no-store"
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def _html(name, context):
    try:
        return render_to_string(f"errors/{name}.html", context)
    except Exception:
        logger.exception("error_page_broken", name=name)
        words = f"{context['status']} {responses.get(context['status'], '')}"
        return format_html("<!doctype html><title>{0}</title><h1>{0}</h1>", words)


def answer_to(request, error):
    """Return the page for an error we know, else None."""
    if isinstance(error, BadInput):
        return page(request, 400, message=(None, str(error)))
    cut_off = isinstance(getattr(error, "__cause__", None), pg.IdleInTransactionSessionTimeout)
    if isinstance(error, OperationalError | InterfaceError) or cut_off:
        return _unavailable(request, error)
    if isinstance(error, DataError) or _is_nul(error):
        logger.error("unstorable_input", error=type(error).__name__, exc_info=error)
        return page(request, 400)
    return None


def _unavailable(request, error):
    cause = error.__cause__
    logger.warning("database_failure", error=type(cause or error).__name__)
    if isinstance(cause, pg.QueryCanceled):
        return page(request, 503, message=SLOW, retry_after=5)
    if isinstance(cause, BUSY):
        return page(request, 503, message=TAKEN, retry_after=2)
    return page(request, 503, retry_after=10)


def _is_nul(error):
    return isinstance(error, ValueError) and "NUL (0x00)" in str(error)


def bad_request(request, exception=None):
    return page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request, exception=None):
    return page(request, 403)


def not_found(request, exception=None):
    return page(request, 404)


def too_many(request, exception=None):
    return page(request, 429, retry_after=60)


def server_error(request):
    """Answer to what no view or middleware caught: a failing database is told apart from a fault of ours."""
    return answer_to(request, sys.exc_info()[1]) or page(request, 500)


def csrf_failure(request, reason=""):
    """Say that the page was open too long; nothing was changed."""
    return page(request, 403, name="csrf")
