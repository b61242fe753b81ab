"""Where the quality of the data stands in the navigation."""

from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from crm import navigation
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
    prefixes=("/quality/duplicates/", "/quality/merge/"),
    key="g q",
)
