"""Records that were merged into others: their ids lead to the survivor for ever."""

from __future__ import annotations

from django.db import connection

LONGEST_CHAIN = 100  # merges one after the other


def living_of(model, ids):
    """Return {id: the id of the record it is by now} of records of a kind, one statement; ids of none are left out.

    A record that was never merged is itself. The survivor may be in the trash; whether somebody may see it is the
    door's to say.
    """
    ids = sorted({pk for pk in ids if pk is not None})
    if not ids:
        return {}
    table, key = (connection.ops.quote_name(name) for name in (model._meta.db_table, model._meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE way (first, id, into_id, step) AS ("
            f"SELECT {key}, {key}, merged_into_id, 0 FROM {table} WHERE {key} = ANY(%s) UNION ALL "
            f"SELECT way.first, found.{key}, found.merged_into_id, way.step + 1 FROM way JOIN {table} AS found "
            f"ON found.{key} = way.into_id WHERE way.step < %s) SELECT first, id FROM way WHERE into_id IS NULL",
            [ids, LONGEST_CHAIN],
        )
        return dict(cursor.fetchall())


def living(model, pk):
    """Return the id of the record that the one with this id is by now; None if there never was one."""
    return living_of(model, [pk]).get(pk)


def survivor_of(model, pk):
    """Return the id of the record that this one was merged into, None if it was not merged."""
    found = living(model, pk)
    return found if found != pk else None
