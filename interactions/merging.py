"""What becomes of talks and tasks when people or companies are merged."""

from __future__ import annotations

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from crm import merging
from interactions.models import Interaction, Participation, Task

merging.collision(Participation, ("interaction",), covers=("participation_once",))


def count_talks(model, ids, reader):
    """Count the talks the reader is shown; one in which several of these took part is one."""
    if not reader.access.may(Interaction.record_kind(), "view"):
        return None
    whole = model._meta.model_name
    rows = Participation.objects.of_each(whole, reader, None).none()
    for pk in ids:
        rows = rows | Participation.objects.of_each(whole, reader, pk)
    rows = rows.shown_to(reader).order_by()
    each = dict(rows.values_list(whole).annotate(Count("pk")))
    return each, rows.aggregate(all=Count("interaction", distinct=True))["all"]


def count_tasks(model, ids, reader):
    """Count the tasks the reader is shown."""
    if not reader.access.may(Task.record_kind(), "view"):
        return None
    each = {}
    for pk in ids:
        each[pk] = Task.objects.of_each(model._meta.model_name, reader, pk).order_by().count()
    return each, sum(each.values())


merging.along(Person, Company, label=_("Calls, mails, visits"), count=count_talks)
merging.along(Person, Company, label=_("Tasks"), count=count_tasks)
