"""What this app does when something happens elsewhere."""

from django.utils.translation import gettext_lazy as _

from contacts.models import Person
from crm import events, notifications, ports


@events.handler("contacts.person.restored", key="example.welcome_back", label=_("Welcome people back"))
def welcome_back(event):
    """Who comes back from the trash gets flowers: by the port, as any other app would ask for it."""
    person = Person.objects.unscoped(because="the gift is its owner's").get(pk=event.record_id)
    ports.call("example.send_gift", person=person, what="flowers", by=person.owner)


@events.handler("example.gift.sent", key="example.tell", label=_("Tell the person's owner"), safe_again=True)
def tell(event):
    from tests.example.models import Gift

    gift = Gift.objects.unscoped(because="its person's owner is told").select_related("person").get(pk=event.record_id)
    notifications.notify(gift.person.owner, "example.gift", record=gift.person, once=gift.pk)
