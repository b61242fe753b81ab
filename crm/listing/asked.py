"""The lists jobs work on: a kind, a query string and a reader make a list again."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.http import QueryDict

from crm.access import taking
from crm.jobs import Hopeless

_lists: dict[str, Any] = {}


def register(list_view):
    """Let jobs work on lists of this kind."""
    _lists[list_view.record_kind()] = list_view


def lists():
    """Return {kind: list view}. Lists are declared with their addresses, which a worker has not read by itself."""
    import_module(settings.ROOT_URLCONF)
    return _lists


def listing(kind, query, user, action):
    """Return the list a user sees at a query, for an action. Raises Hopeless if it is none, or not theirs any more."""
    if kind not in lists() or not user.access.may(kind, taking(kind) if action == "export" else action):
        raise Hopeless("Whoever asked for it may not do this any more.")
    found = _lists[kind]()
    found.request = SimpleNamespace(GET=QueryDict(query), user=user)
    if not found.is_valid:
        raise Hopeless(found.filterset.form.errors.as_text())
    return found
