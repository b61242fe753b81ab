"""What background work on the ground floor needs to know of talks and tasks."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import handover, notifications
from crm.jobs import periodic
from interactions import contact_dates, due_dates
from interactions.models import Interaction, Task

STEP = 200  # reminders a transaction


def due_again(ids):
    """Bring tasks that changed hands up to date: a time of day is meant in the new owner's zone."""
    rows = Task.objects.unscoped(because="locked by the hand-over").filter(pk__in=ids)
    tasks = list(rows.select_related("owner"))
    due_dates.follow(tasks)
    abouts = {(task.person_id, task.company_id) for task in tasks}
    people, companies = zip(*abouts, strict=True)
    contact_dates.refresh(people=people, companies=companies)


@periodic("interactions.remind", every=timedelta(minutes=1), atomic=False, kept_days=1, label=_("Remind of tasks"))
def remind(run):
    """Tell owners of tasks what is due, each reminder once."""
    reminded = 0
    while batch := _remind_some():
        reminded += batch
    return {"reminded": reminded}


@transaction.atomic
def _remind_some():
    rows = Task.objects.unscoped(because="each owner is told of their own").to_remind(timezone.now())
    tasks = list(rows.select_related("owner").select_for_update(of=("self",), skip_locked=True).order_by("pk")[:STEP])
    notifications.notify_each("interactions.due", [_reminder(task) for task in tasks if task.owner])
    Task.objects.unscoped(because="their owners were told").filter(pk__in=[task.pk for task in tasks]).update(
        remind_at=None
    )
    return len(tasks)


def _reminder(task):
    """Return what the owner of a task is told: once for each moment at which they wanted to be reminded."""
    once = f"{task.pk}@{task.remind_at:%Y-%m-%dT%H:%M:%S%z}"
    return notifications.Told(task.owner, once, task, {"due": task.shown_due.isoformat()})


handover.register(
    Interaction,
    keeps_all=True,
    stays=lambda rows: rows,
    why=_("What was said keeps the name of who said it."),
)
handover.register(
    Task,
    goes=lambda rows: rows.open().filter(is_private=False),
    stays=lambda rows: rows.open().filter(is_private=True),
    why=_("Private: nobody else reads them."),
    then=due_again,
)
