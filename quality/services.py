"""What somebody says to pairs of records."""

from __future__ import annotations

from django.db import transaction

from crm import duplicates, jobs
from crm.duplicates import Suggestion
from crm.jobs import Job
from quality import certain, worklist
from quality.models import CertainRule


class TooFew(Exception):
    """Of the records chosen no two are a pair."""


@transaction.atomic
def answer(*, ids, among=None, state, by):
    """Note one answer to these pairs, with `among` to those of them between these records; return the pairs.

    Raises Suggestion.DoesNotExist where a pair is gone or not theirs, TooFew, and duplicates.Answered where somebody
    said something else meanwhile: nothing is written then. Said twice it holds once.
    """
    rows = worklist.opened(by, ids)
    if among is not None:
        rows = [row for row in rows if {row.left, row.right} <= set(among)]
    if not rows:
        raise TooFew
    duplicates.answer_together(duplicates.numbered(rows[0].kind), [row.pk for row in rows], state, by=by)
    return rows


@transaction.atomic
def take_back(*, pk, by, said=None):
    """Let a pair wait again, with those that got their answer at the same press; return how many had one.

    `said`: only if it is this answer that stands, and it is theirs. Raises Suggestion.DoesNotExist where the pair is
    gone or not theirs, duplicates.Answered where another answer stands.
    """
    [row] = worklist.opened(by, [pk])
    kind = duplicates.numbered(row.kind)
    if row.answered_at is None:
        return 0
    if said and (row.state, row.answered_by_id) != (said, by.pk):
        raise duplicates.Answered(row)
    together = Suggestion.objects.editable_by(by, kind).filter(
        answered_at=row.answered_at, answered_by=row.answered_by_id, state=row.state
    )
    return duplicates.take_back(kind, list(together.values_list("pk", flat=True)))


@transaction.atomic
def look_now(*, by):
    """Have all records compared; return the job, of one that waits or runs already that one."""
    running = Job.objects.open().filter(kind=worklist.JOB).order_by("id").first()
    return running or jobs.enqueue(worklist.JOB, by=by)


class MayNotBeOn(Exception):
    """What people answered does not say yet that the certain ones are right. `verdict`: what is known."""

    def __init__(self, verdict):
        super().__init__(str(verdict.answers))
        self.verdict = verdict


class NotKnown(MayNotBeOn):
    """It may be switched on only by somebody who says that they know how many may be wrong."""


@transaction.atomic
def switch(*, kind, on, nightly=False, knows=False, by):
    """Switch merging the certain ones of a kind on or off, every night too or not; return its rule.

    Noted with it: who did, and the figures they had before them. Raises MayNotBeOn, NotKnown; nothing is written then.
    """
    CertainRule.objects.get_or_create(kind=kind.number)
    rule = CertainRule.objects.select_for_update(of=("self",)).get(kind=kind.number)
    known = certain.verdict(kind)
    if on and known.is_refused:
        raise MayNotBeOn(known)
    if on and known.is_warned and not (knows or rule.is_on):
        raise NotKnown(known)
    rule.is_on, rule.is_nightly, rule.by = on, on and nightly, by
    rule.answers, rule.same = known.answers.number, known.answers.same
    rule.save()
    return rule
