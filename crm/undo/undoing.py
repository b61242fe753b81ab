"""Undoing an act: at once where it is short, else by a job in steps."""

from __future__ import annotations

from collections import Counter

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from crm import history
from crm.jobs.asking import enqueue
from crm.undo.recording import recording
from crm.undo.restoring import undo_entries
from crm.undo.rows import ONCE, Act, UndoEntry
from crm.undo.rules import rule_of

AT_ONCE = 200  # rows
STEP_ROWS = 500
KIND = "crm.undo"
NOT_WHOLLY = (UndoEntry.Outcome.PARTLY, UndoEntry.Outcome.KEPT, UndoEntry.Outcome.LEFT)


class NotOpen(Exception):
    """The act cannot be undone now: it is undone, too old, or a job is still at it. `act`: as it stands."""

    def __init__(self, act):
        super().__init__(f"{act} is {act.state}")
        self.act = act


@transaction.atomic
def undo(act, *, by):
    """Undo an act, as far as `by` may change its rows and nobody has changed them since; return it as it stands then.

    An act of more than 200 rows is handed to a job, and is "being undone" until that has ended. Undoing is an act of
    its own (`act.undone_in`), which can be undone. Safe when two ask at once: the second gets NotOpen, as whoever
    asks for an act that cannot be undone. Who may ask is the caller's to check: `Act.objects.visible_to(user)`.
    """
    act = _locked(act.pk)
    if not act.is_open:
        raise NotOpen(act)
    rule = rule_of(act)
    if rule:
        rule.check(act, by)
    if act.rows > (rule.at_once if rule else AT_ONCE):
        act.undoing_job = enqueue("crm.undo_many", by=by, act=act.pk)
        act.state = Act.State.UNDOING
        act.save(update_fields=["state", "undoing_job"])
        return act
    entries = list(_open_entries(act))
    with history.acting(by, reason=_reason(act)), recording(KIND, by=by, undoes=act, **_facts(rule)):
        undo_entries(entries, act, by)
    return end(act, by=by)


def _facts(rule):
    return {ONCE: True} if rule else {}


def step(act, *, by, job):
    """Undo the next rows of an act that is being undone by a job; return how many there were, 0 at its end.

    The caller has opened a transaction, which makes the step whole.
    """
    act = _locked(act.pk)
    if act.state != Act.State.UNDOING:
        return 0
    entries = list(_open_entries(act)[:STEP_ROWS])
    if not entries:
        end(act, by=by)
        return 0
    own = Act.objects.filter(undoes=act, job=job).first()
    facts = _facts(rule_of(act))
    with history.acting(by, reason=_reason(act)), recording(KIND, by=by, act=own, job=job, undoes=act, **facts):
        undo_entries(entries, act, by)
    return len(entries)


def end(act, *, by):
    """Note how an act came out whose entries are all undone or left; return it."""
    outcomes = Counter(dict(act.entries.exclude(outcome="").order_by().values_list("outcome").annotate(Count("id"))))
    left = act.entries.filter(outcome=UndoEntry.Outcome.LEFT).order_by()
    act.outcome = {**outcomes, "why": dict(left.values_list("why").annotate(Count("id")))}
    wholly = not any(outcomes[one] for one in NOT_WHOLLY)
    act.state = Act.State.UNDONE if wholly else Act.State.PARTLY
    act.undone_at, act.undone_by = timezone.now(), by
    act.save(update_fields=["state", "outcome", "undone_at", "undone_by"])
    Act.objects.filter(undoes=act, state=Act.State.UNDER_WAY).update(state=Act.State.DONE)
    if wholly and act.undoes_id:
        _reopen(act.undoes_id)
    return act


def _reopen(act_id):
    """An undo was itself undone: the act stands again as it did, and can be undone again."""
    Act.objects.filter(pk=act_id, state__in=[Act.State.UNDONE, Act.State.PARTLY]).update(
        state=Act.State.DONE, outcome={}, undone_at=None, undone_by=None
    )
    UndoEntry.objects.filter(act=act_id).update(outcome="", why="", kept={})


def _locked(act_id):
    return Act.objects.select_for_update(of=("self",)).get(pk=act_id)


def _open_entries(act):
    """Return what is left to undo, the last first: what was done after something else is undone before it."""
    return act.entries.filter(outcome="").order_by("-id")


def _reason(act):
    return f"undo {act.pk}"
