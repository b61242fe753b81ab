"""Who changed what, when and why. Triggers write every change; this module says who acts."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from contextvars import ContextVar

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Func, Q
from pghistory import runtime

_actor: ContextVar[int | None] = ContextVar("actor", default=None)


def actor_id():
    """Return the id of the user on whose behalf this runs, or None for the system."""
    return _actor.get()


@contextmanager
def acting(user, *, reason):
    """Everything written inside is noted as done by `user` (None: the system) for `reason`.

    Inside another, it is an act of its own: what the outer one has written keeps its actor and its reason.
    """
    user_id = getattr(user, "pk", None)
    token = _actor.set(user_id)
    try:
        with pghistory.context(user=user_id, reason=reason) if not _acts() else _another(user_id, reason):
            yield
    finally:
        _actor.reset(token)


def _acts():
    return hasattr(runtime._tracker, "value")


@contextmanager
def _another(user_id, reason):
    outer = runtime._tracker.value
    runtime._tracker.value = runtime.Context(uuid.uuid4(), {"user": user_id, "reason": reason})
    try:
        yield
    finally:
        runtime._tracker.value = outer


class ActingUser(Func):
    """The user of the act that a statement belongs to, as the database knows them; NULL is the system."""

    function = "crm_acting_user"
    arity = 0
    output_field = models.IntegerField()


def tracked(*, exclude=(), indexes=()):
    """Class decorator: statement triggers write every insert, change and removal into an append-only table.

    `exclude`: columns that follow from others. `indexes`: extra indexes of the history table, which has its own by row,
    by time (of all, and of what was no insert: a load makes that no larger), and by user and time: the last carries the
    label, so that counting reads nothing else.
    """
    events = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())

    def track(model):
        return pghistory.track(
            *events,
            exclude=list(exclude),
            append_only=True,
            level=pgtrigger.Statement,
            obj_field=pghistory.ObjForeignKey(related_name="+", db_index=False, db_constraint=False),
            attrs={"pgh_user_id": models.IntegerField(null=True, editable=False, db_default=ActingUser())},
            meta={"indexes": [*_own_indexes(model._meta.model_name), *indexes]},
        )(model)

    return track


def _own_indexes(name):
    time = ["pgh_created_at", "pgh_id"]
    return [
        models.Index(fields=["pgh_obj", "pgh_id"], name=f"{name}_event_row"),
        models.Index(fields=time, name=f"{name}_event_time"),
        models.Index(fields=time, name=f"{name}_event_edit", condition=~Q(pgh_label="insert")),
        models.Index(fields=["pgh_user_id", *time], include=["pgh_label"], name=f"{name}_event_user"),
    ]
