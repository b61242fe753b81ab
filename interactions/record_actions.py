"""What one can do from the page of a person or a company: log a talk, plan a task."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from crm import record_actions
from crm.record_actions import Action
from interactions.models import Interaction, Task


def _creates(model, name):
    """Return what leads to the form of a new talk or task about a record, for those who may fill it in."""

    def url(record, user):
        if not isinstance(record, Person | Company) or not user.access.may(model.record_kind(), "create"):
            return None
        return f"{reverse(f'interactions:{name}_create')}?{record._meta.model_name}={record.pk}"

    return url


for order, (name, label, icon, place) in enumerate(
    (
        ("meeting", _("Meeting"), "camera-video", "head"),
        ("call", _("Log a call"), "telephone", "menu"),
        ("visit", _("Log a visit"), "geo-alt", "menu"),
        ("feedback", _("Log feedback"), "chat-square-text", "menu"),
        ("task", _("Plan a task"), "check2-square", "menu"),
    )
):
    url = _creates(Task if name == "task" else Interaction, name)
    record_actions.register(Action(f"interactions.{name}", label, icon, url, place, order, dialog=True))
