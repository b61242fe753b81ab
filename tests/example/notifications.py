"""What users are told of gifts."""

from django.utils.translation import gettext_lazy as _

from crm import notifications

notifications.declare("example.gift", _("A gift was sent"), words=lambda row, subject: f"A gift to {subject or '…'}")
