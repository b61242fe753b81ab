"""Pages for what went wrong. None of them needs the database, a session or a user."""

import sys

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from psycopg import errors as pg

from crm.parsing import BadInput

logger = structlog.get_logger(__name__)

BUSY = (pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure)
MESSAGES = {
    400: (_("This request cannot be read"), _("Something in the address or the form is not what it should be.")),
    403: (_("You cannot do this"), _("Your role does not allow it. Your administrator can change that.")),
    404: (_("There is nothing here"), _("The page does not exist, or you have no access to it.")),
    405: (_("This address takes no such request"), _("Go back and use the button on the page.")),
    413: (_("This is too large"), _("Send fewer or smaller files.")),
    414: (_("This address is too long"), _("Use fewer filters.")),
    415: (_("This request cannot be read"), _("Text has to be sent as UTF-8.")),
    429: (_("Too many tries"), _("Wait a few minutes, then try again.")),
    500: (_("Something broke on our side"), _("It has been noted. Nothing you entered before was lost.")),
    503: (_("The database does not answer"), _("Nothing was changed. Try again in a moment.")),
}
SLOW = (_("This took too long"), _("It was stopped after a quarter of a minute. Narrow it: fewer rows, one more filter."))
TAKEN = (_("Somebody else is changing this right now"), _("Nothing was changed. Try again in a moment."))
EXPIRED = (_("This page was open too long"), _("Nothing was changed. Go back, reload the page and send it again."))


def page(request, status, *, message=None, retry_after=None):
    """Answer with the error page of this status. `retry_after` in seconds."""
    title, text = message or MESSAGES[status]
    user = getattr(request, "_cached_user", None)
    context = {"status": status, "title": title, "text": text, "theme": getattr(user, "theme", "")}
    response = HttpResponse(render_to_string(f"errors/{status}.html", context), status=status)
    response["Cache-Control"] = "private, no-store"
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def answer_to(request, error):
    """Return the page for an error we know, else None."""
    if isinstance(error, BadInput):
        return page(request, 400, message=(MESSAGES[400][0], str(error)))
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
    return page(request, 403, message=EXPIRED)
