"""What counts as a user's work with people: talks by kind, tasks done."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import activity
from crm.activity import Figure
from interactions.models import Interaction, Task

LABELS = {
    "call": _("Calls"),
    "email": _("Mails"),
    "meeting": _("Meetings"),
    "visit": _("Visits"),
    "note": _("Notes"),
    "feedback": _("Feedback"),
    "request": _("Newsletter requests"),
}


def _open_to(user, reader):
    """Return the condition "not private, or the reader's own"."""
    return Q() if reader.pk == user.pk else Q(is_private=False)


def _talks(user, reader, span):
    rows = Interaction.objects.unscoped(because="numbers only, of one owner").live().filter(owner=user)
    for (kind,), day, number in activity.by_day(rows.filter(_open_to(user, reader)), "at", span, keys=["kind"]):
        yield kind, day, number


def _tasks(user, reader, span):
    rows = Task.objects.unscoped(because="numbers only, of one owner").live().filter(owner=user)
    for _none, day, number in activity.by_day(rows.filter(_open_to(user, reader)), "done_at", span):
        yield "task", day, number


activity.register(
    activity.Source(
        tuple(Figure(kind, label) for kind, label in LABELS.items()),
        _talks,
        order=10,
        models=(Interaction,),
    )
)
activity.register(activity.Source((Figure("task", _("Tasks done")),), _tasks, order=20))
