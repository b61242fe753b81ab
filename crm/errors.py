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
PAGES = {400, 403, 404, 405, 413, 422, 429, 500, 503}  # templates/errors/; any other fault looks like 400
SLOW = (_("This took too long"), _("It was stopped after a quarter of a minute. Narrow it: fewer rows, one more filter."))
TAKEN = (_("Somebody else is changing this"), _("Nothing was changed. Try again in a moment."))
MESSAGES = {
    414: (_("This address is too long"), _("Use fewer filters.")),
    415: (_("This request could not be read"), _("Text has to be sent as UTF-8.")),
}


def page(request, status, *, message=None, retry_after=None, **context):
    """Answer with the error page of this status, whatever else is broken.

    `message`: heading and text in place of the template's own. `retry_after` in seconds.
    """
    heading, text = message or MESSAGES.get(status, (None, None))
    user = {"theme": getattr(getattr(request, "_cached_user", None), "theme", "")}
    context |= {"heading": heading, "text": text, "request": {"user": user}}
    response = HttpResponse(_html(status, context), status=status)
    response["Cache-Control"] = "private, no-store"
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def _html(status, context):
    try:
        return render_to_string(f"errors/{status if status in PAGES else 400}.html", context)
    except Exception:
        logger.exception("error_page_broken", status=status)
        return format_html("<!doctype html><title>{0}</title><h1>{0}</h1>", f"{status} {responses.get(status, '')}")


def answer_to(request, error):
    """Return the page for an error we know, else None."""
    if isinstance(error, BadInput):
        return page(request, 400, message=(None, str(error)))
    if isinstance(error, OperationalError | InterfaceError):
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
    return page(request, 403, expired=True)
