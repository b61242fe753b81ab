"""The firm that uses the site: one row, which documents, mails and new users take their words and habits from."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField
from pgtrigger import Delete, Protect

from crm import standards
from crm.history import tracked
from crm.vat import vat_number

ONLY = 1
WEEKDAYS = range(1, 8)  # Monday to Sunday
_kept: ContextVar[list | None] = ContextVar("firm", default=None)


def working_week():
    """Return the hours a new firm starts with: {ISO weekday: [from, to]}, a day off is missing."""
    return {str(day): ["09:00", "17:00"] for day in WEEKDAYS[:5]}


class Logo(models.Model):
    """A picture that stands on documents. Its key is its content's SHA-256, so an address of it never changes."""

    digest = models.CharField(max_length=64, primary_key=True)
    type = models.CharField(max_length=20)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    content = models.BinaryField()

    def __str__(self):
        return f"{self.type} {self.width} × {self.height}"


@tracked(exclude=("steps_aside", "setup_over"))
class Firm(models.Model):
    """Who the firm is, where, and when it works. There is exactly one; `firm()` gives it."""

    id = models.SmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = models.CharField(_("name"), max_length=100, blank=True)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    logo = models.ForeignKey(Logo, models.SET_NULL, null=True, blank=True, verbose_name=_("logo"), related_name="+")
    street = models.CharField(_("street"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    country = CountryField(_("country"), blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=30, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    website = models.CharField(_("web site"), max_length=300, blank=True)
    fiscal_month = models.PositiveSmallIntegerField(
        _("fiscal year begins in"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    hours = models.JSONField(_("business hours"), default=working_week, blank=True)
    holidays = CountryField(_("public holidays of"), blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    language = models.CharField(_("language"), max_length=10, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    apps_off = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("apps off"))
    steps_aside = ArrayField(models.CharField(max_length=40), default=list, blank=True, editable=False)
    setup_over = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=ONLY), name="firm_is_one"),
            models.CheckConstraint(condition=Q(fiscal_month__range=(1, 12)), name="firm_fiscal_month_known"),
        ]
        triggers = [Protect(name="firm_stays", operation=Delete)]

    def __str__(self):
        return self.name or self.legal_name

    def clean(self):
        """Bring the values into their standard form. Raises ValidationError by field for what cannot be one."""
        faults = {}
        for name, value in (
            ("email", lambda: standards.email(self.email)),
            ("website", lambda: standards.website(self.website)),
            ("phone", lambda: standards.phone(self.phone, str(self.country)).number if self.phone else ""),
            ("postcode", lambda: standards.postcode(self.postcode)),
            ("vat_number", lambda: vat_number(self.vat_number, str(self.country or ""))),
        ):
            try:
                setattr(self, name, value())
            except ValidationError as error:
                faults[name] = error
        if faults:
            raise ValidationError(faults)

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        _forget()

    @property
    def address_lines(self):
        """Return the postal address as lines, the country last; nothing for what is not known."""
        place = " ".join(filter(None, [self.postcode, self.city]))
        return [line for line in (self.street, place, self.region, str(self.country.name or "")) if line]


@contextmanager
def kept():
    """Inside, `firm()` asks the database once at most."""
    token = _kept.set([])
    try:
        yield
    finally:
        _kept.reset(token)


def firm():
    """Return the firm; before its row is written, one with the values a fresh site starts with."""
    cell = _kept.get()
    if cell:
        return cell[0]
    found = Firm.objects.filter(pk=ONLY).first() or Firm()
    if cell is not None:
        cell.append(found)
    return found


def locked():
    """Return the firm, locked until the transaction ends: what is changed in it is looked at first."""
    return Firm.objects.select_for_update(of=("self",)).get_or_create(pk=ONLY)[0]


def _forget():
    cell = _kept.get()
    if cell is not None:
        cell.clear()


def found(**_sender):
    """Write the one row where it is missing."""
    apps.get_model("crm", "Firm").objects.get_or_create(pk=ONLY)
