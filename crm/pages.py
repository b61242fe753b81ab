"""How a view declares who may call it, and how it answers htmx and a plain browser alike."""

from __future__ import annotations

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect

PUBLIC, SIGNED_IN = "public", "signed in"


def _declare(view, permission):
    view.permission = permission
    return view


def public(view):
    """Anybody may call this view."""
    return _declare(login_not_required(view), PUBLIC)


def signed_in(view):
    """Everybody signed in may call this view; what it shows comes through the door."""
    return _declare(view, SIGNED_IN)


def needs(kind, action):
    """Only users whose role may do `action` with some record of `kind` ("contacts.person") may call this view.

    To the others it does not exist: 404. Which records it shows is still the door's to say.
    """

    def declare(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.access.may(kind, action):
                raise Http404
            return view(request, *args, **kwargs)

        return _declare(guarded, f"{action} {kind}")

    return declare


def answer(request, template, part, context, *, status=200, to=None):
    """Answer with a part of a page to htmx, with the whole page otherwise; after a success (`to`), redirect.

    `part` names a partialdef of the template. `to` is anything `redirect` takes.
    """
    if to is not None:
        return moved(request, to)
    if request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
        template = f"{template}#{part}"
    return render(request, template, context, status=status)


def moved(request, to):
    """Send the browser to another page, whether it asked by itself or through htmx."""
    response = redirect(to)
    return HttpResponseClientRedirect(response.url) if request.htmx else response
