"""What background work on the ground floor needs to know of talks and tasks."""

from django.utils.translation import gettext_lazy as _

from crm import handover
from interactions import contact_dates
from interactions.models import Interaction, Task


def due_again(ids):
    """Bring tasks that changed hands up to date: a time of day is meant in the new owner's zone."""
    abouts = set()
    for task in Task.objects.unscoped(because="locked by the hand-over").filter(pk__in=ids).select_related("owner"):
        before = task.due_at
        task.standardise()
        if task.due_at != before:
            rows = Task.objects.unscoped(because="locked by the hand-over").filter(pk=task.pk)
            rows.update(due_at=task.due_at)
        abouts.add((task.person_id, task.company_id))
    people, companies = zip(*abouts, strict=True)
    contact_dates.refresh(people=people, companies=companies)


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
