"""What users are told of talks and tasks."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import notifications
from crm.notifications.kinds import AT_ONCE


def _due(row, subject):
    return _("%(task)s, due %(when)s") % {"task": subject or _("A task"), "when": _spoken(row.facts["due"])}


def _spoken(due):
    """Return "Tue 24 Nov" or "Tue 24 Nov, 14:00" as the clocks of the reader show it."""
    if "T" not in due:
        return date_format(date.fromisoformat(due), "D j M")
    return date_format(timezone.localtime(datetime.fromisoformat(due)), "D j M, H:i")


notifications.declare("interactions.due", gettext_lazy("A task is due"), words=_due, icon="alarm", mail=AT_ONCE)
