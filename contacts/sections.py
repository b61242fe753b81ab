"""Where people and companies stand in the navigation."""

from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from crm import navigation

navigation.section(
    label=_("People"),
    url_name="contacts:people",
    icon="person",
    order=20,
    kind=Person.record_kind(),
    prefixes=("/people/",),
    key="g p",
)
navigation.section(
    label=_("Companies"),
    url_name="contacts:companies",
    icon="building",
    order=30,
    kind=Company.record_kind(),
    prefixes=("/companies/",),
    key="g c",
)
navigation.new(
    label=_("Person"),
    url_name="contacts:person_quick",
    icon="person",
    order=10,
    kind=Person.record_kind(),
    dialog=True,
)
navigation.new(
    label=_("Company"), url_name="contacts:company_create", icon="building", order=20, kind=Company.record_kind()
)
