"""What happens here beyond the life of every record."""

from django.utils.translation import gettext_lazy as _

from crm import events

events.declare("example.gift.sent", _("Gift sent"), facts=("price_minor",))
