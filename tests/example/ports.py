"""What this app offers to others by name."""

from django.utils.translation import gettext_lazy as _

from crm import ports
from tests.example import services


@ports.offer("example.send_gift", _("Send a gift"))
def send_gift(*, person, what, by):
    return services.send(person=person, what=what, by=by).pk
