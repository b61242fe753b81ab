"""What there is to set up before the lists fill."""

from django.utils.translation import gettext_lazy as _

from contacts.models import Person
from crm.administration import checklist

checklist.register(
    checklist.Step(
        "people",
        _("Add the first people"),
        _("With their company, mail and phone: everything else hangs on them."),
        "contacts:people",
        "person",
        100,
        lambda user: Person.objects.visible_to(user).order_by().exists(),
        app="contacts",
    )
)
