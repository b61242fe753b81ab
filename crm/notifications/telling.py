"""Telling users of something, in the transaction in which it happens."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from crm.notifications.kinds import NEVER, kind_of
from crm.notifications.rows import Habit, Notification, Setting
from crm.notifications.times import mail_moment

TOGETHER = timedelta(minutes=10)  # what comes within it from the same person is told together


def notify(user, key, **options):
    """Tell one user something, see `notify_all`."""
    notify_all([user], key, **options)


@transaction.atomic
def notify_all(users, key, *, record=None, by=None, once=None, **facts):
    """Tell users something, but those who did it themselves, may not sign in or want to hear nothing of it.

    `once`: told once to each, however often it is asked for. Without it, things of one kind by one person that come
    within ten minutes and are not read yet are one notification. Raises Undeclared.
    """
    kind = kind_of(key)
    users = [user for user in users if user.is_active and (by is None or by.pk != user.pk)]
    chosen = {row.user_id: row for row in Setting.objects.filter(user__in=users, kind=key)}
    habits = {row.user_id: row for row in Habit.objects.filter(user__in=users)}
    told = []
    for user in users:
        choice = chosen.get(user.pk) or Setting(mail=kind.mail)
        if choice.bell or choice.mail != NEVER:
            told.append(_row(user, key, choice, habits.get(user.pk) or Habit(), by, once, facts, record))
    fresh = told if once else _apart(told)
    Notification.objects.bulk_create(fresh, ignore_conflicts=bool(once), batch_size=1000)


def _row(user, key, choice, habit, by, once, facts, record):
    now = timezone.now()
    about = {"record_kind": record._meta.label_lower, "record_id": record.pk} if record is not None else {}
    return Notification(
        user=user,
        kind=key,
        key=f"{key}:{once}" if once else None,
        by=by,
        facts=facts,
        made_at=now,
        at=now,
        on_bell=choice.bell,
        mail_after=mail_moment(choice.mail, habit, user.timezone, now),
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
