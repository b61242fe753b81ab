"""Opening one record to one more user or team, for a time or until it is ended."""

from __future__ import annotations

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import events
from crm.access import share_is_over, share_mark
from crm.models import Share

BATCH = 200  # shares a transaction
events.declare("crm.share.made", _("Record shared"))


@transaction.atomic
def share(record, *, user=None, team=None, may_edit=False, until=None, by):
    """Open a record to a user or a team; shared with them before, the share takes the new right and end.

    `until`: an aware moment, or None. Raises the record's DoesNotExist if `by` may not edit it.
    """
    locked = _locked(record, by)
    fields = {"may_edit": may_edit, "until": until, "shared_by": by, "shared_at": timezone.now()}
    made, _new = Share.objects.update_or_create(
        kind=locked.record_kind(), record_id=locked.pk, user=user, team=team, defaults=fields
    )
    _mark(type(locked), locked.pk)
    events.note("crm.share.made", made, by=by)
    return made


@transaction.atomic
def end(record, share_id, *, by):
    """End a share of a record; one that is over already is over. Raises DoesNotExist as `share` does."""
    locked = _locked(record, by)
    Share.objects.filter(kind=locked.record_kind(), record_id=locked.pk, pk=share_id).delete()
    _mark(type(locked), locked.pk)


def of(record):
    """Return the shares of a record that run; the caller has opened the record."""
    rows = Share.objects.filter(kind=record.record_kind(), record_id=record.pk).exclude(share_is_over())
    return rows.select_related("user", "team", "shared_by").order_by("shared_at", "pk")


def end_lapsed():
    """Take away the shares that are over; return how many. The door has not opened for them since their end."""
    ended = 0
    while batch := _end_batch():
        ended += batch
    return ended


@transaction.atomic
def _end_batch():
    rows = Share.objects.filter(share_is_over()).select_for_update(skip_locked=True).order_by("pk")[:BATCH]
    lapsed = list(rows)
    Share.objects.filter(pk__in=[row.pk for row in lapsed]).delete()
    for kind, record_id in sorted({(row.kind, row.record_id) for row in lapsed}):
        _mark(apps.get_model(kind), record_id)
    return len(lapsed)


def _locked(record, by):
    return type(record).objects.editable_by(by).select_for_update(of=("self",)).get(pk=record.pk)


def _mark(model, record_id):
    """Write who a record is shared with into the record, where the door and the search look."""
    rows = Share.objects.filter(kind=model.record_kind(), record_id=record_id).exclude(share_is_over())
    marks: set[int] = set()
    for user, team, may_edit in rows.values_list("user", "team", "may_edit"):
        mark = share_mark(user=user, team=team)
        marks |= {mark, -mark} if may_edit else {mark}
    records = model.objects.unscoped(because="its marks follow from its shares").filter(pk=record_id)
    records.update(shared_with=sorted(marks))


def move(model, survivor, losers):
    """Give the survivor of a merge the shares of the others; of two with the same user or team the wider stays."""
    kind, ids = model._meta.label_lower, [survivor, *losers]
    rows = sorted(
        Share.objects.filter(kind=kind, record_id__in=ids), key=lambda row: (ids.index(row.record_id), row.pk)
    )
    kept: dict[tuple, Share] = {}
    for row in rows:
        first = kept.setdefault((row.user_id, row.team_id), row)
        if first is not row:
            first.may_edit, first.until = first.may_edit or row.may_edit, _later(first.until, row.until)
            row.delete()
    for row in kept.values():
        row.record_id = survivor
        row.save(update_fields=["record_id", "may_edit", "until"])
    if kept:
        mark_all(model, ids)


def _later(one, other):
    """Return the later of two ends; None is no end."""
    return max(one, other) if one and other else None


def mark_all(model, ids):
    """Bring the marks of these records up to date with their shares."""
    for pk in sorted(set(ids)):
        _mark(model, pk)
