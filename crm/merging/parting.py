"""Taking a merge apart: everything that moved goes back, what was edited since stays and is told.

Merges stand on one another (B into A, then A into C), and either may be taken apart first. What the inner one moved
goes home from wherever the outer has brought it; the outer then finds it at home and leaves it there. A row that the
outer took away, because C had the same, comes back with the inner. What else the outer changed is its own to restore.
"""

from __future__ import annotations

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext_lazy

from crm import duplicates, undo
from crm.merging.joining import KIND, again_after_deadlock
from crm.merging.registry import declared
from crm.merging.relations import every
from crm.tombstones import living_of
from crm.undo.rows import Act, UndoEntry

AT_ONCE = 20_000  # rows
Operation, Outcome = UndoEntry.Operation, UndoEntry.Outcome
NOT_YOURS = gettext_lazy("It takes the right to change all of the records that were merged, and the one they are now.")


@again_after_deadlock
def unmerge(act, *, by):
    """Take a merge apart at any later time; return the act as it stands then.

    Raises undo.NotOpen where that was done already, undo.Refused where `by` may not change all of its records.
    """
    return undo.undo(act, by=by)


def merges_of(model, ids):
    """Return {id: the act that merged it} of records that are merged; a merge that was taken apart is none."""
    rows = UndoEntry.objects.filter(kind=model._meta.label_lower, row_id__in=ids, act__kind=KIND)
    rows = rows.filter(act__state=Act.State.DONE).select_related("act").order_by("id")
    return {row.row_id: row.act for row in rows if row.row_id in row.act.facts["merged"]}


def parted_before(model, ids):
    """Return the sets of ids, each of one merge of some of these records, that somebody took apart."""
    over = [Act.State.UNDONE, Act.State.PARTLY, Act.State.UNDOING]
    rows = UndoEntry.objects.filter(kind=model._meta.label_lower, row_id__in=ids, act__kind=KIND, act__state__in=over)
    return [{facts["record"], *facts["merged"]} for facts in rows.values_list("act__facts", flat=True).distinct()]


def model_of(act):
    return apps.get_model(act.facts["kind"])


def check(act, by):
    """Lock the records of a merge in the order of their ids. Raises undo.Refused."""
    model = model_of(act)
    ids = {act.facts["record"], *act.facts["merged"]}
    now = living_of(model, [act.facts["record"]]).get(act.facts["record"])
    rows = every(model).filter(pk__in=ids | {now}).order_by("pk").select_for_update(of=("self",))
    list(rows.values_list("pk", flat=True))
    needed = {now, *act.facts["merged"]}
    if model.objects.changeable_by(by, "edit").filter(pk__in=needed).count() < len(needed):
        raise undo.Refused(NOT_YOURS)
    if act.by_id:
        said = {"by": act.by_id, "since": act.at}
        duplicates.reopen_among(model, sorted(ids), **said)
        duplicates.forget_answers(model, act.facts["record"], act.facts.get("apart", ()), **said)


def settle(table, lines):
    """Look at the rows of a merge that do not stand as it left them; return the lines whose rows were written."""
    _follow_numbers(table, lines)
    _find_at_home(table, lines)
    return _hand_on(table, lines)


def _names(table):
    """Return the columns of a table that name records of the merged kind."""
    model = model_of(table.act)
    plain = {name for name in table.fields if declared(table.model, name)}
    return plain | {column for column, target in table.references.items() if target is model}


def _follow_numbers(table, lines):
    """What is moved by kind and id goes along with further merges as foreign keys do."""
    for column in _names(table) - set(table.references):
        moved = [one for one in lines if one.now.get(column) and column in one.entry.after.keys() - one.untouched]
        living = living_of(model_of(table.act), {one.entry.after[column] for one in moved})
        for line in moved:
            if living.get(line.entry.after[column]) == line.now[column]:
                line.untouched |= {column}


def _find_at_home(table, lines):
    """What a merge before this one, taken apart since, has brought home is at home."""
    names = _names(table)
    open_ones = {
        line.entry.row_id: line for line in lines if line.there and names & (line.entry.after.keys() - line.untouched)
    }
    earlier = UndoEntry.objects.filter(kind=table.model._meta.label_lower, row_id__in=open_ones, act__kind=KIND)
    earlier = list(earlier.filter(Q(outcome=Outcome.RESTORED) | Q(outcome=Outcome.PARTLY), act_id__lt=table.act.pk))
    living = living_of(model_of(table.act), {one.before.get(name) for one in earlier for name in names})
    for one in earlier:
        line = open_ones[one.row_id]
        home = {name for name in names if one.before.get(name) and living.get(one.before[name]) == line.now.get(name)}
        line.already |= home - line.untouched


def _hand_on(table, lines):
    """Look at rows that a later merge has moved on or taken away; return the lines whose rows were written.

    What was a loser's goes home. What was the survivor's own is handed to the later merge, to be restored with it.
    """
    of = [one for one in lines if one.entry.operation == Operation.UPDATE and table.model is not model_of(table.act)]
    later = UndoEntry.objects.filter(kind=table.model._meta.label_lower, row_id__in=[one.entry.row_id for one in of])
    later = later.filter(act__kind=KIND, act__state=Act.State.DONE, act_id__gt=table.act.pk).order_by("-id")
    first = {one.row_id: one for one in later} if of else {}
    names, written = _names(table), []
    for line in of:
        next_one = first.get(line.entry.row_id)
        if next_one is None:
            continue
        if names.isdisjoint(line.entry.before):
            _hand(line, next_one)
        elif not line.there and table.put_back(next_one, line.entry.before):
            line.settle(Outcome.RESTORED)
            written.append(line)
    return written


def _hand(line, later):
    """Let a later merge restore what this one would."""
    entry = line.entry
    columns = [c for c in entry.before if later.before.get(c, entry.after[c]) == entry.after[c]]
    if later.operation == Operation.UPDATE:
        columns = [c for c in columns if c in later.before or c in line.untouched]
        later.after = {**{c: line.now[c] for c in columns if c in line.now}, **later.after}
    later.before = {**later.before, **{c: entry.before[c] for c in columns}}
    UndoEntry.objects.filter(pk=later.pk).update(before=later.before, after=later.after)
    kept = {c: later.before.get(c) for c in entry.before if c not in columns}
    line.settle(Outcome.PARTLY if kept and columns else Outcome.KEPT if kept else Outcome.RESTORED, kept=kept)


undo.rule(KIND, undo.Rule(check=check, settle=settle, at_once=AT_ONCE))
