"""Gifts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Person
from crm.history import tracked
from crm.records import Record, version_trigger
from crm.undo.journal import journaled


@journaled()
@tracked(exclude=("version", "updated_at", "updated_by", "created_at", "created_by", "typed"))
class Gift(Record):
    """Something sent to a person."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    what = models.CharField(_("what"), max_length=100)
    price_minor = models.BigIntegerField(_("price"), default=0, help_text=_("In cents, pence or the like."))

    class Meta:
        verbose_name, verbose_name_plural = _("gift"), _("gifts")
        triggers = [version_trigger()]

    def __str__(self):
        return self.what
