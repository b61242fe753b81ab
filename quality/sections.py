"""Where the quality of the data stands in the navigation."""

from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from crm import navigation
from interactions.models import Interaction, Task
from quality.worklist import count_beside_section

navigation.section(
    label=_("Duplicates"),
    url_name="quality:duplicates",
    icon="intersect",
    order=200,
    kind=(Person.record_kind(), Company.record_kind()),
    action="edit",
    group=_("Quality"),
    count=count_beside_section,
    prefixes=("/quality/duplicates/", "/quality/merge/", "/quality/certain/"),
    key="g q",
)
navigation.section(
    label=_("Imports"),
    url_name="quality:imports",
    icon="box-arrow-in-down",
    order=210,
    kind=(Person.record_kind(), Company.record_kind(), Interaction.record_kind(), Task.record_kind()),
    action=("create", "edit"),
    group=_("Quality"),
    prefixes=("/quality/imports/",),
)
