"""What people do about events that were not taken, and events told again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from crm import jobs
from crm.events.delivering import let_next
from crm.events.kinds import listeners
from crm.events.noting import DELIVERY
from crm.events.rows import Event, Held, Listener


class NotSafeAgain(ValueError):
    """This listener would do its work twice."""


@transaction.atomic
def retry(held):
    """Try these again that were given up; return how many."""
    dead = held.filter(state=Held.State.DEAD)
    number = dead.update(state=Held.State.WAITING, tries=0, run_after=timezone.now(), error="")
    transaction.on_commit(lambda: jobs.ensure(DELIVERY), robust=True)
    return number


@transaction.atomic
def set_aside(held):
    """Leave these untaken that were given up, and let go on what waits behind them; return how many."""
    rows = list(held.filter(state=Held.State.DEAD).select_for_update(of=("self",)).order_by("pk"))
    Held.objects.filter(pk__in=[row.pk for row in rows]).update(state=Held.State.ASIDE)
    for row in rows:
        let_next(row)
    transaction.on_commit(lambda: jobs.ensure(DELIVERY), robust=True)
    return len(rows)


@transaction.atomic
def replay(key, *, since):
    """Tell a listener again all it listens to since a moment; return how many events that are.

    Raises NotSafeAgain unless its handler does nothing more when called again, LookupError for an unknown key.
    """
    names = _safe(key).names
    again = Event.objects.filter(name__in=names, noted_at__gte=since, position__isnull=False)
    first = again.aggregate(first=Min("position"))["first"]
    if first is None:
        return 0
    row = Listener.objects.select_for_update().get(pk=key)
    row.position = min(row.position, first - 1)
    row.save(update_fields=["position"])
    transaction.on_commit(lambda: jobs.ensure(DELIVERY), robust=True)
    return again.count()


@transaction.atomic
def replay_record(key, record):
    """Tell a listener again all that happened to one row, in its order; return how many events that are."""
    names = _safe(key).names
    row = Listener.objects.select_for_update().get(pk=key)
    of = {"kind": record._meta.label_lower, "record_id": record.pk}
    told = Event.objects.filter(**of, name__in=names, position__lte=row.position).order_by("position")
    row.held.filter(**of).delete()
    rows = [Held(listener=row, event=event, **of, state=Held.State.BEHIND, run_after=timezone.now()) for event in told]
    Held.objects.bulk_create(rows)
    if rows:
        let_next(rows[0])
    transaction.on_commit(lambda: jobs.ensure(DELIVERY), robust=True)
    return len(rows)


def _safe(key):
    handler = listeners()[key]
    if not handler.safe_again:
        raise NotSafeAgain(f"{key} would do its work twice")
    return handler
