"""Talks and tasks for tests, written by the services that the pages use."""

from datetime import timedelta

from django.utils import timezone

from interactions import services
from interactions.models import Interaction, Task


def talk(by, *, people=(), companies=(), **fields):
    """Log a call in which somebody was reached, unless the fields say otherwise."""
    fields = {"kind": "call", "outcome": "reached", "direction": "out", "body": "Spoke about the weather.", **fields}
    return services.log(interaction=Interaction(**fields), people=people, companies=companies, by=by)


def task(by, *, in_days=1, **fields):
    """Plan a task for tomorrow, unless the fields say otherwise."""
    fields = {
        "subject": "Call back",
        "kind": "call",
        "due_on": timezone.localdate() + timedelta(days=in_days),
        **fields,
    }
    return services.save_task(task=Task(**fields), by=by)
