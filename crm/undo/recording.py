"""Recording an act, so that it can be undone."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, transaction
from django.db.models import F, Max

from crm.undo.journal import SETTING
from crm.undo.rows import Act, UndoEntry, kept_until

_recorded: ContextVar[Act | None] = ContextVar("recorded_act", default=None)


@contextmanager
def recording(kind, /, *, by, act=None, job=None, undoes=None, for_ever=False, **facts):
    """Everything that is written to journaled tables inside is one act that can be undone; yield the act.

    `kind`: names its words (crm.undo.wording), `facts`: what these need (JSON). `by`: a user, or None for the system.
    `act`: goes on with one that a former step began. `job`: the job that does it, of which this is a step: the act is
    under way until `finish(act)`. `for_ever`: kept longer than 90 days. Inside another recording it belongs to that
    act. It is one transaction with what it records; an error takes both back. What changed nothing is no act: `rows`
    is 0 then.
    """
    outer = _recorded.get()
    if outer is not None:
        yield outer
        return
    with transaction.atomic():
        last = 0
        if act is None:
            act = _begun(kind, by=by, job=job, undoes=undoes, until=None if for_ever else kept_until(), facts=facts)
        else:
            last = act.entries.aggregate(last=Max("id"))["last"] or 0
        _tell(act.pk)
        token = _recorded.set(act)
        try:
            yield act
        finally:
            _recorded.reset(token)
        _tell("")
        _counted(act, last)


def _begun(kind, /, *, job, **fields):
    return Act.objects.create(kind=kind, job=job, state=Act.State.UNDER_WAY if job else Act.State.DONE, **fields)


def _tell(value):
    """Tell the triggers which act they note for; the setting ends with the transaction or savepoint, too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, str(value)])


def _counted(act, last):
    """Count what was noted after entry `last`."""
    noted = act.entries.filter(id__gt=last).count()
    if noted:
        Act.objects.filter(pk=act.pk).update(rows=F("rows") + noted)
        act.rows += noted


def is_recording():
    """Whether what is written now belongs to an act."""
    return _recorded.get() is not None


def finish(act):
    """Note that the job of an act has done all of it: from now on it can be undone."""
    Act.objects.filter(pk=act.pk, state=Act.State.UNDER_WAY).update(state=Act.State.DONE)


def begun_by(job):
    """Return the act that a former try of this job began, or None."""
    return Act.objects.filter(job=job).order_by("pk").first()


def rows_of(model, row_id):
    """Return the journal of one row, newest first; for those who have opened it."""
    return UndoEntry.objects.filter(kind=model._meta.label_lower, row_id=row_id).order_by("-id")
