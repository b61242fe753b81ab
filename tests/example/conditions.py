"""What conditions can ask of gifts, and of people by the gifts they got."""

from django.db.models import OuterRef
from django.utils.translation import gettext_lazy as _

from contacts.models import Person
from crm import conditions
from crm.conditions import Field, Number, Relation, Text
from tests.example.models import Gift

GIFT, PERSON = Gift.record_kind(), Person.record_kind()


def _rows(asker):
    return Gift.objects.visible_to(asker.user).filter(person=OuterRef("pk"))


conditions.register(
    GIFT,
    Field(f"{GIFT}.what", _("what"), Text()),
    Field(f"{GIFT}.price_minor", _("price"), Number()),
)
conditions.relate(
    PERSON,
    Relation(f"{PERSON}.gifts", _("gifts"), one=_("gift"), many=_("gifts"), to=GIFT, rows=_rows, date="created_at"),
)
