"""What happens in this app beyond the life of every record."""

from django.utils.translation import gettext_lazy as _

from crm import events

events.declare("interactions.task.done", _("Task done"))
events.declare("interactions.task.reopened", _("Task open again"))
