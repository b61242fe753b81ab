"""Where the ground floor's own pages stand in the navigation."""

from django.utils.translation import gettext_lazy as _

from crm import navigation
from crm.policies import HISTORY

navigation.section(
    label=_("History"),
    url_name="history",
    icon="clock-history",
    order=930,
    kind=HISTORY,
    group=_("Administration"),
    prefixes=("/history/",),
    key="g h",
)
