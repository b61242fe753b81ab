"""What follows in the background when something happens to people and companies."""

from django.utils.translation import gettext_lazy as _

from contacts.services import keep_people_of
from crm import events


@events.handler(
    "contacts.company.changed",
    key="contacts.keep_people",
    label=_("Know people by their company's name"),
    safe_again=True,
)
def keep_people(event):
    """Bring the keys that a company's people are matched by up to date: its name is among them."""
    keep_people_of([event.record_id])
