"""Delivering events: to each listener in the order they were committed, each once, whatever is killed meanwhile.

A listener's place and what its handler wrote move in one transaction. One worker at a time serves a listener. An event
that a handler cannot take is held and tried again by itself; later ones of the same record wait behind it, those of
other records go on.
"""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from crm import history
from crm.events.kinds import listeners
from crm.events.rows import Event, Held, Listener
from crm.jobs.running import LONGEST_ERROR, wait_before

logger = structlog.get_logger(__name__)
BATCH = 200  # events a transaction
BATCH_SECONDS = 5.0
MOST_ATTEMPTS = 5
STAMPED = 5000  # events a statement
STAMPING, SERVING = 0x45564E54, 0x45564E55  # keys of advisory locks


def deliver(*, seconds=60.0):
    """Deliver what has been committed to every listener, a batch to each in turn; return how many calls were made.

    Raises the database's OperationalError when it goes away; what was delivered until then stays so.
    """
    until, called = monotonic() + seconds, 0
    while stamp():
        pass
    waiting = list(listeners())
    while waiting:
        key = waiting.pop(0)
        done = _batch(key) if monotonic() < until else None
        if done is not None:
            called += done
            waiting.append(key)
    return called


@transaction.atomic
def stamp():
    """Give events that were committed their positions, in the order of their ids; return whether there may be more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [STAMPING])
        cursor.execute(
            """
            UPDATE crm_event SET position = place.base + due.number
            FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM
                    (SELECT id FROM crm_event WHERE position IS NULL ORDER BY id LIMIT %s) AS first) AS due,
                 (SELECT greatest((SELECT max(position) FROM crm_event), (SELECT max(position) FROM crm_listener), 0)
                    AS base) AS place
            WHERE crm_event.id = due.id
            """,
            [STAMPED],
        )
        return cursor.rowcount == STAMPED


def install():
    """Let handlers that are new listen from now on: what happened before them is not told."""
    last = Event.objects.aggregate(last=Max("position"))["last"] or 0
    Listener.objects.bulk_create([Listener(key=key, position=last) for key in listeners()], ignore_conflicts=True)


def clear(*, older_than):
    """Delete the events noted before a moment that every listener has heard and none still holds; return how many."""
    heard = Listener.objects.filter(pk__in=listeners()).aggregate(least=Min("position"))["least"]
    old = Event.objects.filter(noted_at__lt=older_than, position__isnull=False)
    old = old if heard is None else old.filter(position__lte=heard)
    old = old.exclude(pk__in=Held.objects.filter(state__in=Held.IN_THE_WAY).values("event"))
    number = 0
    while ids := list(old.order_by("noted_at").values_list("pk", flat=True)[:STAMPED]):
        number += Event.objects.filter(pk__in=ids).delete()[1].get("crm.Event", 0)
    return number


def _batch(key):
    """Serve a listener for one transaction; return how many calls were made, None if it had nothing to do."""
    with _mine(key) as mine:
        attempts = mine and _begun(key)
        if not attempts:
            return None
        with transaction.atomic():
            row = Listener.objects.select_for_update().get(pk=key)
            served = _Served(row, listeners()[key], alone=attempts > 1, hopeless=attempts > MOST_ATTEMPTS)
            served.again()
            served.onward()
            row.attempts, row.heard_at = 0, timezone.now()
            row.save(update_fields=["position", "attempts", "heard_at"])
        return served.called


@contextmanager
def _mine(key):
    """Give whether a listener is ours to serve; it is, until the block or our connection ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [SERVING, key])
        mine = cursor.fetchone()[0]
        try:
            yield mine
        finally:
            if mine and connection.is_usable():
                cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [SERVING, key])


@transaction.atomic
def _begun(key):
    """Note that a batch begins, for whoever comes after a killed worker; return the attempts so far, with this one."""
    row = Listener.objects.select_for_update().filter(pk=key).first()
    if row is None:
        install()
        return 0
    names = listeners()[key].names
    is_due = row.held.filter(state=Held.State.WAITING, run_after__lte=timezone.now()).exists()
    ahead = Event.objects.filter(position__gt=row.position)
    # first of all: what is stamped after this look is looked at again
    last = ahead.aggregate(last=Max("position"))["last"] or row.position
    if not is_due and not ahead.filter(name__in=names, position__lte=last).exists():
        row.position = last
        row.save(update_fields=["position"])
        return 0
    row.attempts += 1
    row.save(update_fields=["attempts"])
    return row.attempts


class _Served:
    """One batch of one listener. `alone`: after a killed worker, one event at a time; `hopeless`: that one is held."""

    def __init__(self, row, handler, *, alone, hopeless):
        self.row, self.handler, self.hopeless = row, handler, hopeless
        self.size = 1 if alone else BATCH
        self.called = 0
        self.until = monotonic() + BATCH_SECONDS

    @property
    def is_full(self):
        return self.called >= self.size or monotonic() > self.until

    def again(self):
        """Try what is held and due; when it goes well, the next of its record is due."""
        due = self.row.held.filter(state=Held.State.WAITING, run_after__lte=timezone.now())
        for held in due.select_related("event", "event__by").order_by("event__position")[: self.size]:
            if self.is_full:
                return
            error = self._error_of(held.event)
            if error is None:
                held.delete()
                let_next(held)
            else:
                held.tries += 1
                self._hold(held, error)

    def onward(self):
        """Take events that are new to it, one after the other; what fails is held, what is behind it waits."""
        if self.is_full:
            return
        after = Event.objects.filter(position__gt=self.row.position, name__in=self.handler.names)
        events = list(after.select_related("by").order_by("position")[: self.size])
        blocked = self._blocked(events)
        for event in events:
            if self.is_full:
                return
            self._take(event, blocked)
            self.row.position = event.position

    def _take(self, event, blocked):
        of = (event.kind, event.record_id)
        held = Held(listener=self.row, event=event, kind=of[0], record_id=of[1], run_after=timezone.now())
        if of in blocked:
            held.state = Held.State.BEHIND
            held.save()
            return
        error = self._error_of(event)
        if error is not None:
            held.tries = 1
            self._hold(held, error)
            blocked.add(of)

    def _blocked(self, events):
        rows = self.row.held.filter(state__in=Held.IN_THE_WAY, record_id__in={event.record_id for event in events})
        return set(rows.values_list("kind", "record_id").distinct())

    def _error_of(self, event):
        """Call the handler; return what it raised, None if all went well. What it wrote before it raised is undone."""
        self.called += 1
        if self.hopeless:
            return RuntimeError("The worker vanished each time.")
        try:
            with history.acting(event.by, reason=f"event {event.name} {event.pk}"), transaction.atomic():
                self.handler.function(event)
        except (OperationalError, InterfaceError):
            raise  # the database's trouble, not the event's
        except Exception as error:
            logger.warning("event_not_taken", listener=self.row.pk, event_id=event.pk, exc_info=error)
            return error
        return None

    def _hold(self, held, error):
        over = self.hopeless or held.tries >= self.handler.tries
        held.state = Held.State.DEAD if over else Held.State.WAITING
        held.run_after = timezone.now() + wait_before(held.tries + 1)
        held.error = f"{type(error).__name__}: {error}"[:LONGEST_ERROR].replace("\0", "")
        held.save()


def let_next(held):
    """Let the next event of the same record, which waited behind this one, be tried at once."""
    behind = Held.objects.filter(
        listener_id=held.listener_id, kind=held.kind, record_id=held.record_id, state=Held.State.BEHIND
    )
    first = behind.order_by("event__position").values("pk")[:1]
    Held.objects.filter(pk__in=first).update(state=Held.State.WAITING, run_after=timezone.now())
