"""Who changed what, when and why. Triggers write every change; this module says who acts and reads it back."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar

import pghistory
import pgtrigger

_actor: ContextVar[int | None] = ContextVar("actor", default=None)


def actor_id():
    """Return the id of the user on whose behalf this runs, or None for the system."""
    return _actor.get()


@contextmanager
def acting(user, *, reason):
    """Everything written inside is noted as done by `user` (None: the system) for `reason`."""
    user_id = getattr(user, "pk", None)
    token = _actor.set(user_id)
    try:
        with pghistory.context(user=user_id, reason=reason):
            yield
    finally:
        _actor.reset(token)


def tracked(*, exclude=(), indexes=()):
    """Class decorator: statement triggers write every insert, change and removal into an append-only table.

    `exclude`: columns that follow from others. `indexes`: extra indexes of the history table.
    """
    events = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    return pghistory.track(
        *events,
        exclude=list(exclude),
        append_only=True,
        level=pgtrigger.Statement,
        obj_field=pghistory.ObjForeignKey(related_name="+", db_index=True, db_constraint=False),
        meta={"indexes": list(indexes)},
    )
