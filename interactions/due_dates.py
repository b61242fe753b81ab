"""When tasks are due and when to remind of them: follows from their day, and from the zone of who owns them by now."""

from __future__ import annotations

from interactions.models import Task

FOLLOWS = ("due_at", "remind_at")


def follow(tasks):
    """Bring these tasks, fetched with their owners and locked, up to date; two statements at most."""
    moved = []
    for task in tasks:
        before = [getattr(task, name) for name in FOLLOWS]
        task.standardise()
        if [getattr(task, name) for name in FOLLOWS] != before:
            moved.append(task)
    rows = Task.objects.unscoped(because="when it is due follows from its day and its owner")
    rows.bulk_update(moved, FOLLOWS, batch_size=500)
