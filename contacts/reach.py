"""How to reach people and companies: e-mail addresses, phone numbers, postal addresses."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from crm import standards
from crm.history import tracked
from crm.merging.references import follows_merges
from crm.records import Part
from crm.undo import journaled


class Reach(Part):
    """A way to reach a person or a company: belongs to exactly one of the two, of which one of a sort is primary."""

    wholes = ("person", "company")
    person = models.ForeignKey("contacts.Person", models.CASCADE, null=True, blank=True, editable=False, db_index=False)
    company = models.ForeignKey(
        "contacts.Company", models.CASCADE, null=True, blank=True, editable=False, db_index=False
    )
    is_primary = models.BooleanField(_("primary"), default=False)

    class Meta:
        abstract = True

    LABELS: dict[str, object] = {}
    COMPANY_LABEL: object = ""

    @property
    def label(self):
        """What stands beside it among the key facts."""
        return self.COMPANY_LABEL if self.company_id and self.kind == "work" else self.LABELS[self.kind]

    @property
    def whole(self):
        return self.person if self.person_id else self.company


def reach_meta(name):
    """Return constraints and indexes of a way to reach somebody, with names that begin with `name`."""
    constraints = [
        models.CheckConstraint(
            condition=Q(person__isnull=False, company__isnull=True) | Q(person__isnull=True, company__isnull=False),
            name=f"{name}_of_one",
        ),
        *(
            models.UniqueConstraint(fields=[whole], condition=Q(is_primary=True), name=f"{name}_one_primary_{whole}")
            for whole in Reach.wholes
        ),
    ]
    indexes = [
        models.Index(fields=[whole], name=f"{name}_of_{whole}", condition=Q(**{f"{whole}__isnull": False}))
        for whole in Reach.wholes
    ]
    return constraints, indexes


def history_indexes(name):
    """Return the indexes by which the history of a record finds its parts."""
    return [models.Index(fields=[whole], name=f"{name}_event_{whole}") for whole in Reach.wholes]


@journaled()
@follows_merges(*Reach.wholes)
@tracked(indexes=history_indexes("email"))
class EmailAddress(Reach):
    rights_name = "emails"

    class Kind(models.TextChoices):
        WORK = "work", _("Work")
        PRIVATE = "private", _("Private")
        OTHER = "other", _("Other")

    COMPANY_LABEL = _("Mail")
    LABELS = {"work": _("Work mail"), "private": _("Private mail"), "other": _("Other mail")}

    address = models.CharField(_("e-mail"), max_length=254, db_collation="C")
    typed = models.CharField(max_length=300, blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.WORK)

    class Meta:
        verbose_name, verbose_name_plural = _("e-mail address"), _("e-mail addresses")
        constraints, indexes = reach_meta("email")
        indexes = [*indexes, models.Index(fields=["address"], name="email_address")]

    def __str__(self):
        return self.address

    def standardise(self):
        standard = self.standard("address", standards.email)
        if standard != self.address:
            self.typed, self.address = self.address[:300], standard


@journaled()
@follows_merges(*Reach.wholes)
@tracked(indexes=history_indexes("phone"))
class PhoneNumber(Reach):
    rights_name = "phones"

    class Kind(models.TextChoices):
        MOBILE = "mobile", _("Mobile")
        WORK = "work", _("Work")
        HOME = "home", _("Home")
        FAX = "fax", _("Fax")
        OTHER = "other", _("Other")

    COMPANY_LABEL = _("Phone")
    LABELS = {
        "mobile": _("Mobile"),
        "work": _("Work phone"),
        "home": _("Home phone"),
        "fax": _("Fax"),
        "other": _("Other phone"),
    }

    number = models.CharField(_("phone"), max_length=40, db_collation="C")
    typed = models.CharField(max_length=60, blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.WORK)
    extension = models.CharField(_("extension"), max_length=10, blank=True)
    is_valid = models.BooleanField(default=True, editable=False, help_text="Known to the country's numbering plan.")
    reversed_digits = models.CharField(max_length=40, editable=False, db_collation="C")

    region: str | None = None
    """Country in which a number without a country code is read; set by the form or the load."""

    class Meta:
        verbose_name, verbose_name_plural = _("phone number"), _("phone numbers")
        constraints, indexes = reach_meta("phone")
        indexes = [
            *indexes,
            models.Index(fields=["number"], name="phone_number"),
            models.Index(fields=["reversed_digits"], name="phone_digits"),
        ]

    def __str__(self):
        return standards.shown_phone(self.number)

    def standardise(self):
        phone = self.standard("number", standards.phone, self.region)
        if phone.number != self.number:
            self.typed = self.number[:60]
        self.number, self.is_valid = phone.number, phone.is_valid
        self.extension = phone.extension or self.extension
        self.reversed_digits = standards.digits(self.number)[::-1]


@journaled()
@follows_merges(*Reach.wholes)
@tracked(indexes=history_indexes("address"))
class PostalAddress(Reach):
    rights_name = "addresses"

    class Kind(models.TextChoices):
        WORK = "work", _("Work")
        HOME = "home", _("Home")
        BILLING = "billing", _("Billing")
        DELIVERY = "delivery", _("Delivery")

    COMPANY_LABEL = _("Address")
    LABELS = {
        "work": _("Works at"),
        "home": _("Lives at"),
        "billing": _("Billing"),
        "delivery": _("Delivery"),
    }

    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.WORK)
    street = models.CharField(_("street and number"), max_length=200, blank=True)
    extra = models.CharField(_("building, floor, c/o"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=16, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    region = models.CharField(_("state or region"), max_length=100, blank=True)
    country = CountryField(_("country"), blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("postal address"), _("postal addresses")
        constraints, indexes = reach_meta("address")

    def __str__(self):
        place = " ".join(filter(None, [self.postcode, self.city]))
        return ", ".join(filter(None, [self.street, self.extra, place, self.region, self.country.name]))

    def standardise(self):
        for field in ("street", "extra", "city", "region"):
            setattr(self, field, standards.line(getattr(self, field)))
        self.postcode = standards.postcode(self.postcode)

    def clean(self):
        if not any((self.street, self.postcode, self.city, self.region, self.country)):
            raise ValidationError(_("An address needs at least a city or a country."), code="required")
