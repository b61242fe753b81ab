"""`python -m bench.undo`: rows a second through the undo journal, beside the same UPDATE without it.

PEOPLE (100000): of how many the database is; arguments: how many rows an act has (10000 100000). `--shapes` also prints
what the journal would take with a row for each column. Needs DATABASE_URL, as `make bench`. What it changes it undoes.
"""

import sys
import time
from contextlib import contextmanager
from datetime import timedelta

from bench import ground

SIZES = (10_000, 100_000)
SHAPES = """
DROP TABLE IF EXISTS by_column, by_row;
CREATE TEMP TABLE by_column (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, act_id bigint, kind varchar(80),
    row_id bigint, operation varchar(6), name text, before jsonb, after jsonb, UNIQUE (act_id, kind, row_id, name));
CREATE INDEX ON by_column (act_id, id); CREATE INDEX ON by_column (kind, row_id, id);
CREATE TEMP TABLE by_row (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, act_id bigint, kind varchar(80),
    row_id bigint, operation varchar(6), before jsonb, after jsonb, UNIQUE (act_id, kind, row_id));
CREATE INDEX ON by_row (act_id, id); CREATE INDEX ON by_row (kind, row_id, id);
"""
BY_COLUMN = """
INSERT INTO by_column (act_id, kind, row_id, operation, name, before, after)
SELECT act_id, kind, row_id, operation, key, value, after -> key FROM crm_undoentry, jsonb_each(before)
WHERE act_id = %s
"""
BY_ROW = """
INSERT INTO by_row (act_id, kind, row_id, operation, before, after)
SELECT act_id, kind, row_id, operation, before, after FROM crm_undoentry WHERE act_id = %s
"""


def main(*arguments):
    ground.measure("bench.undo", arguments)


def measure(*arguments):
    ground.set_up()
    sizes = [int(one) for one in arguments if one.isdigit()] or SIZES
    for number in sizes:
        measure_act(number, shapes="--shapes" in arguments)


def measure_act(number, *, shapes):
    from django.db import transaction

    from contacts.models import Person
    from crm import undo
    from crm.models import User

    admin, taker = (User.objects.filter(role__key=key).first() for key in ("administrator", "manager"))
    rows = Person.objects.unscoped(because="a measurement, rolled back").live()
    ids = list(rows.exclude(owner=taker).order_by("pk").values_list("pk", flat=True)[:number])
    rows = rows.filter(pk__in=ids)
    with transaction.atomic():
        with timed("UPDATE alone", len(ids)):
            rows.update(owner=taker, team=taker.team)
        transaction.set_rollback(True)
    with timed("UPDATE, noted", len(ids)), undo.recording("crm.assign", by=admin) as act:
        rows.update(owner=taker, team=taker.team)
    if shapes:
        print_shapes(act)
    with timed("undone", len(ids)):
        undo_in_steps(act, admin)
    assert not rows.filter(owner=taker).exists()


def undo_in_steps(act, by):
    """Do what the job does: a transaction a step, after which it goes on where the last one ended."""
    from django.db import transaction

    from crm import undo
    from crm.jobs.asking import enqueue

    with transaction.atomic():
        undo.Act.objects.filter(pk=act.pk).update(state=undo.Act.State.UNDOING)
        job = enqueue("crm.undo_many", by=by, act=act.pk, after=timedelta(days=1))
    count = 1
    while count:
        with transaction.atomic():
            count = undo.step(act, by=by, job=job)
    job.delete()


@contextmanager
def timed(what, number):
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    print(f"{what:16}{number:>9,} rows {seconds:8.1f} s {number / seconds:>9,.0f} rows/s", flush=True)


def print_shapes(act):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(SHAPES)
        for name, statement in (("by_row", BY_ROW), ("by_column", BY_COLUMN)):
            with timed(f"  {name}", act.rows):
                cursor.execute(statement, [act.pk])
            cursor.execute("SELECT count(*), pg_total_relation_size(%s::regclass) FROM " + name, [name])
            print("  {:,} entries, {:,} bytes".format(*cursor.fetchone()), flush=True)


if __name__ == "__main__":
    measure(*sys.argv[2:]) if sys.argv[1:2] == ["--measure"] else main(*sys.argv[1:])
