"""Who may read a mail that came in, beside those it was delivered to: conditions that apps register."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q

_conditions: dict[str, Callable] = {}


def may_read(name):
    """Register a function (user) -> Q over ReceivedMail: mails it holds for are open to the user, too."""

    def register(condition):
        _conditions[name] = condition
        return condition

    return register


def condition(user):
    """Return all registered conditions as one."""
    return Q(*(one(user) for one in _conditions.values()), _connector=Q.OR) if _conditions else Q(pk__in=[])
