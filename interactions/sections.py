"""Where My day stands in the navigation, and what can be logged from anywhere."""

from django.utils.translation import gettext_lazy as _

from crm import navigation
from interactions.models import KIND_ICONS, Interaction, Task
from interactions.my_day import due_count

navigation.section(
    label=_("My day"),
    url_name="interactions:my_day",
    icon="sun",
    order=10,
    count=due_count,
    key="g d",
    app="interactions",
)
navigation.new(
    label=_("Task"),
    url_name="interactions:task_create",
    icon="check2-square",
    order=30,
    kind=Task.record_kind(),
    dialog=True,
)
for order, kind in enumerate(("call", "email", "meeting", "visit", "note"), start=40):
    navigation.new(
        label=Interaction.Kind(kind).label,
        url_name=f"interactions:{kind}_create",
        icon=KIND_ICONS[kind],
        order=order,
        kind=Interaction.record_kind(),
        dialog=True,
    )
