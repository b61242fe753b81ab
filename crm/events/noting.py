"""Noting what happened: a row in the caller's transaction, a delivery woken once it is committed."""

import json

from django.db import connection, transaction
from django.utils import timezone

from crm import history, jobs
from crm.events.kinds import Undeclared, is_heard, kind_of

DELIVERY = "crm.deliver_events"


def note(name, record, /, *, by=None, **facts):
    """Note that something happened to a row just written; return the event's id.

    `by`: who did it; else whoever acts at the moment, perhaps the system. `facts`: JSON. The caller holds the row's
    lock, or has just made it: that keeps the events of one row in order. Raises Undeclared for another name or kind of
    row, or other facts than were declared.
    """
    if record._meta.label_lower != kind_of(name).kind:
        raise Undeclared(f"{name} happens to a {kind_of(name).kind}")
    return note_many(name, [record.pk], by=by, **facts)[0]


def note_many(name, ids, /, *, by=None, **facts):
    """Note the same of many rows by their ids, in one statement and in their order; return the ids of the events."""
    declared = kind_of(name)
    if facts.keys() != declared.facts:
        raise Undeclared(f"{name} tells {sorted(declared.facts)}")
    actor = by.pk if by is not None else history.actor_id()
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [name, declared.kind, json.dumps(facts), actor, timezone.now(), sorted(ids)])
        noted = [pk for (pk,) in cursor.fetchall()]
    if is_heard(name):
        _wake_after_commit()
    return noted


_NOTE = """
INSERT INTO crm_event (name, kind, facts, by_id, noted_at, record_id)
SELECT %s, %s, %s::jsonb, %s, %s, record
FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (record, place) ORDER BY place
RETURNING id
"""


def _wake_after_commit():
    """Wake the delivery once after the commit, however much is noted before."""
    if all(function is not _wake for _savepoints, function, _robust in connection.run_on_commit):
        transaction.on_commit(_wake, robust=True)


def _wake():
    jobs.ensure(DELIVERY)
