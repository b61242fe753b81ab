"""The run: rows are planned and written some at a time, each step whole or not at all, all of them one act."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from crm import duplicates, history, jobs, loading, undo
from crm.importing import checking
from crm.importing.kinds import of_kind
from crm.importing.rows import Import, ImportRow
from crm.importing.writing import write

JOB = "crm.import_rows"
CHECK = "crm.check_import"
STEP_ROWS = 1_000
MANY = 2_000  # records, of which a full run finds the duplicates sooner than one after the other
ACT = "crm.import"
PATIENCE = "60s"


class NotReady(Exception):
    """The import is not checked, or was run already."""


@transaction.atomic
def ask_to_check(asked):
    """Have a checked mapping tried out: few rows at once, many by a job; return the import."""
    asked = Import.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if asked.is_begun:
        raise NotReady
    if asked.checking_job_id:
        jobs.cancel(asked.checking_job)
    if asked.total <= checking.AT_ONCE:
        Import.objects.filter(pk=asked.pk).update(state=Import.State.CHECKING, checking_job=None)
        asked.state, asked.checking_job = Import.State.CHECKING, None
        checking.check(asked)
    else:
        job = jobs.enqueue(CHECK, by=asked.user, asked=asked.pk)
        Import.objects.filter(pk=asked.pk).update(state=Import.State.CHECKING, checking_job=job)
    asked.refresh_from_db()
    return asked


@transaction.atomic
def ask_to_run(asked):
    """Begin the run of a checked import; return its job. Asked twice it runs once. Raises NotReady."""
    asked = Import.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if asked.is_begun and asked.job_id:
        return asked.job
    if asked.state != Import.State.CHECKED:
        raise NotReady
    asked.job = jobs.enqueue(JOB, by=asked.user, asked=asked.pk)
    asked.state, asked.ran_at = Import.State.RUNNING, timezone.now()
    asked.save(update_fields=["job", "state", "ran_at"])
    return asked.job


def run_all(run, asked):
    """Write the rows of an import that are not written yet, a step at a time."""
    planner = of_kind(asked.kind).planner(asked, writes=True)
    run.progress(total=asked.total)
    while rows := checking.next_rows(asked, size=STEP_ROWS):
        with run.step(len(rows)):
            write_step(planner, rows, run.job)
    with run.step(0):
        finish(asked, run.job)
    return checking.rows_by_fate(asked)


def write_step(planner, rows, job=None):
    """Plan and write some rows; the caller has opened the transaction.

    Two imports of a kind take turns, so that what one has written is found by the other.
    """
    asked = planner.asked
    with history.acting(asked.user, reason=f"import {asked.pk}"):
        _take_turns(asked)
        loading.check_references_at_once()
        facts = {"kind": asked.kind, "import": asked.pk}
        act = _under_way(job) if job else None
        with undo.recording(ACT, by=asked.user, act=act, job=job, **facts):
            planner.plan(rows)
            write(planner)
        for row in rows:
            row.is_done = True
        checking.save_rows(rows)


def _under_way(job):
    """Return the act that former steps of a run began, locked, None at the first. Raises Hopeless if it was undone."""
    acts = undo.Act.objects.select_for_update(of=("self",), no_key=True)
    act = acts.filter(job=job, undoes=None).order_by("pk").first()
    if act is not None and act.state != undo.Act.State.UNDER_WAY:
        raise jobs.Hopeless("What it had written was undone.")
    return act


def _take_turns(asked):
    """Wait for the other import's step, longer than for any other lock: it takes seconds on a busy machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", [PATIENCE])
        usual = cursor.fetchone()[0]
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('crm.importing'), hashtext(%s))", [asked.kind])
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [usual])


def finish(asked, job):
    """Note that an import is through, and that its act can be undone; have all compared where it wrote many."""
    checking.count(asked)
    Import.objects.filter(pk=asked.pk).update(state=Import.State.DONE)
    act = undo.begun_by(job)
    if act is not None:
        number = asked.rows.filter(fate__in=ImportRow.WRITTEN).count()
        type(act).objects.filter(pk=act.pk).update(facts={**act.facts, "number": number})
        undo.finish(act)
        if number >= MANY and duplicates.kind_of(of_kind(asked.kind).model) is not None:
            jobs.enqueue("crm.find_duplicates", after=duplicates.SETTLED * 2)


def act_of(asked):
    """Return the act of an import's run, None where it has written nothing."""
    if asked.job_id is None:
        return None
    return undo.Act.objects.filter(job=asked.job_id, undoes=None, rows__gt=0).order_by("pk").first()
