"""Telling users of something, in the transaction in which it happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from crm import standards
from crm.notifications.kinds import NEVER, kind_of
from crm.notifications.rows import Habit, Notification, Setting
from crm.notifications.times import mail_moment

TOGETHER = timedelta(minutes=10)  # what comes within it from the same person is told together


def notify(user, key, **options):
    """Tell one user something, see `notify_all`."""
    notify_all([user], key, **options)


@dataclass(frozen=True)
class Told:
    """One thing one user is told, once however often it is asked for (`once`: by what it is known for ever)."""

    user: Any
    once: Any
    record: Any = None
    facts: dict = field(default_factory=dict)


@transaction.atomic
def notify_all(users, key, *, record=None, by=None, once=None, **facts):
    """Tell users something, but those who did it themselves, may not sign in or want to hear nothing of it.

    `once`: told once to each, however often it is asked for. Without it, things of one kind by one person that come
    within ten minutes and are not read yet are one notification. Raises Undeclared.
    """
    rows = _rows(key, [Told(user, once, record, facts) for user in users], by)
    _keep(rows if once else _apart(rows))


@transaction.atomic
def notify_each(key, told, *, by=None):
    """Tell each of some users their own thing of one kind, in three statements; see `notify_all`. `told`: Told."""
    _keep(_rows(key, told, by))


def _keep(rows):
    """Write these rows, but for what was told before and is to be told once."""
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def _rows(key, told, by):
    """Return the rows of those who are to be told, as each of them likes it."""
    kind = kind_of(key)
    told = [one for one in told if one.user.is_active and (by is None or by.pk != one.user.pk)]
    users = {one.user.pk for one in told}
    chosen = {row.user_id: row for row in Setting.objects.filter(user__in=users, kind=key)}
    habits = {row.user_id: row for row in Habit.objects.filter(user__in=users)}
    rows = []
    for one in told:
        choice = chosen.get(one.user.pk) or Setting(mail=kind.mail)
        if choice.bell or choice.mail != NEVER:
            rows.append(_row(key, one, choice, habits.get(one.user.pk) or Habit(), by))
    return rows


def _row(key, one, choice, habit, by):
    now, record = timezone.now(), one.record
    about = {"record_kind": record._meta.label_lower, "record_id": record.pk} if record is not None else {}
    return Notification(
        user=one.user,
        kind=key,
        key=f"{key}:{one.once}" if one.once else None,
        by=by,
        facts=one.facts,
        made_at=now,
        at=now,
        on_bell=choice.bell,
        mail_after=mail_moment(choice.mail, habit, standards.zone_of(one.user), now),
        **about,
    )


def _apart(rows):
    """Return those of the rows that are told by themselves; the others are added to what the user has not read yet."""
    if not rows:
        return []
    first = rows[0]
    open_ones = Notification.objects.filter(
        user__in=[row.user_id for row in rows],
        kind=first.kind,
        by=first.by,
        key=None,
        read_at=None,
        mailed_at=None,
        made_at__gt=first.at - TOGETHER,
    )
    locked = open_ones.select_for_update(of=("self",)).order_by("pk")
    joined = {user_id: pk for pk, user_id in locked.values_list("pk", "user_id")}
    about = {name: getattr(first, name) for name in ("at", "facts", "record_kind", "record_id")}
    Notification.objects.filter(pk__in=joined.values()).update(count=F("count") + 1, **about)
    return [row for row in rows if row.user_id not in joined]
