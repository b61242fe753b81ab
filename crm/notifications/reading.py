"""Notifications as their user reads them: in words, with what they are about fetched through the door."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.apps import apps
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.notifications.kinds import declared
from crm.notifications.rows import Notification
from crm.tombstones import living_of


@dataclass(frozen=True)
class Line:
    """A notification as a page or a mail shows it. `url`: where it leads, "" if what it is about is not to be seen."""

    row: Notification
    text: str
    icon: str
    url: str

    @property
    def is_unread(self):
        return self.row.read_at is None


def lines(rows, user):
    """Return these notifications of a user in words; one query for each kind of record they are about."""
    records = _records(rows, user)
    return [_line(row, records.get((row.record_kind, row.record_id))) for row in rows]


def _records(rows, user):
    ids = defaultdict(set)
    for row in rows:
        if row.record_id:
            ids[row.record_kind].add(row.record_id)
    return {(kind, pk): record for kind, pks in ids.items() for pk, record in _seen(kind, pks, user).items()}


def _seen(kind, ids, user):
    """Return {id: record} as far as the user sees them; of a merged one the record it is by now."""
    model = apps.get_model(kind)
    found = model.objects.visible_to(user).in_bulk(ids)
    missing = ids - found.keys()
    if living := {pk: now for pk, now in living_of(model, missing).items() if pk != now}:
        now = model.objects.visible_to(user).in_bulk(set(living.values()))
        found |= {pk: now[one] for pk, one in living.items() if one in now}
    return found


def _line(row, record):
    kind = declared().get(row.kind)
    if kind is None:
        return Line(row, _("Something of an app that is not here any more."), "bell", "")
    text = kind.words(row, str(record) if record else None)
    return Line(row, str(text), kind.icon, row.facts.get("url") or _url(record))


def _url(record):
    if hasattr(record, "get_absolute_url"):
        return record.get_absolute_url()
    return getattr(record, "edit_url", "")


def read(rows):
    """Note that these have been read; return how many were not before."""
    return rows.filter(read_at=None).update(read_at=timezone.now())
