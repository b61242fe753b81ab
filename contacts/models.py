"""People and companies."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from contacts.reach import EmailAddress, PhoneNumber
from crm import standards
from crm.addresses import record_url
from crm.history import tracked
from crm.merging.references import follows_merges
from crm.records import LIVE, Searchable, version_trigger
from crm.sentinels import EARLIEST, LATEST
from crm.undo import journaled

FOLLOWS = ("sort_name", "words", "audience", "shared_with", "last_contacted_at", "next_activity_at", "typed")
"""Columns that follow from others: neither a new version nor history."""
NOT_UNDONE = tuple(column for column in FOLLOWS if column != "typed")
"""Columns that an undo brings up to date instead of restoring them."""
UNTRACKED = (*FOLLOWS, "version", "updated_at", "updated_by", "created_at", "created_by")

NEVER_CONTACTED_FIRST = Coalesce("last_contacted_at", Value(EARLIEST))
NONE_PLANNED_LAST = Coalesce("next_activity_at", Value(LATEST))
LONGEST_NOTES = 20_000  # characters


class Stage(models.TextChoices):
    """Where somebody stands between never heard of and customer."""

    LEAD = "lead", _("Lead")
    QUALIFIED = "qualified", _("Qualified")
    CUSTOMER = "customer", _("Customer")
    LAPSED = "lapsed", _("Lapsed")
    BLOCKED = "blocked", _("Blocked")


class Source(models.TextChoices):
    """How a record came to us."""

    UNKNOWN = "", _("Unknown")
    WEB_FORM = "web_form", _("Web form")
    REFERRAL = "referral", _("Referral")
    TRADE_FAIR = "trade_fair", _("Trade fair")
    COLD_CALL = "cold_call", _("Cold call")
    INBOUND_CALL = "inbound_call", _("Inbound call")
    INBOUND_MAIL = "inbound_mail", _("Inbound mail")
    PARTNER = "partner", _("Partner")
    CAMPAIGN = "campaign", _("Campaign")
    IMPORT = "import", _("Import")
    OTHER = "other", _("Other")


FILTERED = ("tags", "country", "source", "stage")
"""What lists are filtered by, found together with the reader and the words in one index."""


def list_indexes(prefix):
    """Return the indexes that lists of live records walk: each order for everybody, for an owner and for a team."""
    orders: dict[str, Any] = {
        "name": F("sort_name"),
        "stage": F("stage"),
        "made": F("created_at"),
        "changed": F("updated_at"),
        "contacted": NEVER_CONTACTED_FIRST,
        "next": NONE_PLANNED_LAST,
    }
    return [
        models.Index(*who, order, F("id"), name=f"{prefix}_{short}{key}", condition=LIVE)
        for key, order in orders.items()
        for short, who in (("", []), ("own_", [F("owner")]), ("team_", [F("team")]))
    ]


class Contact(Searchable):
    """What people and companies have in common."""

    stage = models.CharField(_("stage"), max_length=12, choices=Stage, default=Stage.LEAD)
    source = models.CharField(_("source"), max_length=16, choices=Source, default=Source.UNKNOWN, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("tags"))
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=LONGEST_NOTES)
    last_contacted_at = models.DateTimeField(_("last contacted"), null=True, editable=False)
    next_activity_at = models.DateTimeField(_("next activity"), null=True, editable=False)

    class Meta:
        abstract = True

    def standardise_contact(self):
        self.notes = standards.text(self.notes)
        self.currency = standards.line(self.currency).upper()
        self.tags = sorted({tag for tag in map(standards.line, self.tags or []) if tag}, key=lambda tag: tag.casefold())
        self.sort_name = self.name_in_order()
        self.words = self.search_words()

    def clean(self):
        """Hold what a form holds: a text field itself takes any length."""
        if len(self.notes) > LONGEST_NOTES:
            words = _("Notes have %(most)d characters at most.")
            raise ValidationError({"notes": ValidationError(words, code="max_length", params={"most": LONGEST_NOTES})})

    def name_in_order(self):
        """Return the key by which lists put it in order of names."""
        return standards.sort_key(str(self))[:300] or "\uffff"

    def name_words(self):
        """Return the words of the record's own names."""
        raise NotImplementedError

    def search_words(self):
        stored = [] if self._state.adding else EmailAddress.objects.of(self).values_list("address", flat=True)
        return self.words_with(stored)

    def words_with(self, addresses):
        """Return the words a search finds the record by, given its e-mail addresses."""
        found = {*self.name_words(), *(word for address in addresses for word in standards.email_words(address))}
        return sorted(found)

    def __str__(self):
        raise NotImplementedError

    def get_stage_display(self):  # type: ignore[no-redef]
        return Stage(self.stage).label if self.stage else ""

    derived = ("shared_with", "last_contacted_at", "next_activity_at")
    avatar_kind = "person"

    @property
    def changes_url(self):
        return f"{self.get_absolute_url()}changes/"

    @classmethod
    def _of_reach(cls, model, condition):
        """Return the condition "has such a way to be reached"."""
        whole = cls._meta.model_name
        rows = model.objects.unscoped(because="joined to records opened for a reader")
        return Q(pk__in=rows.filter(condition, **{f"{whole}__isnull": False}).values(whole))

    @classmethod
    def reach_of_outer(cls, model):
        """Return the ways of a sort by which the record of an outer query can be reached, for a subquery."""
        rows = model.objects.unscoped(because="joined to a record opened for a reader")
        return rows.filter(**{str(cls._meta.model_name): OuterRef("pk")})

    @classmethod
    def email_condition(cls, beginning):
        return cls._of_reach(EmailAddress, Q(address__startswith=beginning))

    @classmethod
    def phone_condition(cls, digits):
        ends, begins = Q(reversed_digits__startswith=digits[::-1]), Q(number__startswith=f"+{digits}")
        return cls._of_reach(PhoneNumber, ends | begins)


@journaled(*NOT_UNDONE)
@tracked(exclude=UNTRACKED)
class Company(Contact):
    """A firm, an authority, an association: an organisation we deal with."""

    class Size(models.TextChoices):
        UNKNOWN = "", _("Unknown")
        MICRO = "1", _("1 to 9")
        SMALL = "10", _("10 to 49")
        MEDIUM = "50", _("50 to 249")
        LARGE = "250", _("250 to 999")
        HUGE = "1000", _("1,000 and more")

    name = models.CharField(_("name"), max_length=200)
    website = models.CharField(_("web site"), max_length=300, blank=True)
    domain = models.CharField(max_length=120, blank=True, editable=False)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    size = models.CharField(_("employees"), max_length=4, choices=Size, default=Size.UNKNOWN, blank=True)
    country = CountryField(_("country"), blank=True, editable=False, help_text="Of the primary address.")

    class Meta:
        verbose_name, verbose_name_plural = _("company"), _("companies")
        triggers = [version_trigger(*FOLLOWS)]
        indexes = [
            Searchable.search_index("company_search", *FILTERED),
            *list_indexes("company"),
            models.Index(fields=["domain"], name="company_domain", condition=~Q(domain="")),
            models.Index(fields=["trashed_at"], name="company_trash", condition=Q(trashed_at__isnull=False)),
            models.Index(fields=["merged_into"], name="company_merged", condition=Q(merged_into__isnull=False)),
        ]

    def __str__(self):
        return self.name

    def standardise(self):
        self.name = standards.line(self.name)
        self.website = self.standard("website", standards.website)
        self.domain = standards.domain(self.website)
        self.industry = standards.line(self.industry)
        self.standardise_contact()

    def name_words(self):
        return standards.words(self.name, self.domain.split(".")[0])

    avatar_kind = "company"
    search_fields = ("sort_name", "name", "industry", "country")
    words_tell = ("emails", "website")

    @classmethod
    def search_details(cls, records, user):
        return {record.pk: ", ".join(filter(None, [record.industry, record.country.name])) for record in records}

    def get_absolute_url(self):
        return record_url("contacts:company", self.pk)


@journaled(*NOT_UNDONE)
@follows_merges("company")
@tracked(exclude=UNTRACKED)
class Person(Contact):
    """Somebody we talk to, at a company or privately."""

    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    family_name = models.CharField(_("family name"), max_length=100, blank=True)
    prefix = models.CharField(_("title"), max_length=30, blank=True)
    suffix = models.CharField(_("suffix"), max_length=20, blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    company = models.ForeignKey(
        Company,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="people",
        db_index=False,
        verbose_name=_("company"),
    )
    born_on = models.DateField(_("born"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    country = CountryField(_("country"), blank=True, editable=False, help_text="Of the primary address.")

    class Meta:
        verbose_name, verbose_name_plural = _("person"), _("people")
        triggers = [version_trigger(*FOLLOWS)]
        constraints = [
            models.CheckConstraint(
                condition=~Q(given_name="") | ~Q(family_name=""),
                name="person_has_a_name",
                violation_error_message=_("A given or a family name is needed."),
            )
        ]
        indexes = [
            Searchable.search_index("person_search", *FILTERED),
            *list_indexes("person"),
            models.Index(fields=["company", "sort_name", "id"], name="person_company", condition=LIVE),
            models.Index(fields=["trashed_at"], name="person_trash", condition=Q(trashed_at__isnull=False)),
            models.Index(fields=["merged_into"], name="person_merged", condition=Q(merged_into__isnull=False)),
        ]

    def __str__(self):
        return f"{self.given_name} {self.family_name}".strip()

    def standardise(self):
        for field in ("given_name", "family_name"):
            self._keep_typed(field, standards.name(getattr(self, field)))
        for field in ("prefix", "suffix", "job_title"):
            setattr(self, field, standards.line(getattr(self, field)))
        self.standardise_contact()

    def _keep_typed(self, field, standard):
        """Set a field to its standard form; keep what was typed where more than spaces changed."""
        typed = getattr(self, field)
        if standards.line(typed) != standard:
            self.typed = {**self.typed, field: typed}
        setattr(self, field, standard)

    def clean(self):
        super().clean()
        if not (self.given_name or self.family_name):
            raise ValidationError({"family_name": _("A given or a family name is needed.")}, code="required")

    def name_words(self):
        return standards.words(self.given_name, self.family_name)

    search_fields = ("sort_name", "given_name", "family_name", "job_title", "company")
    words_tell = ("emails",)

    @classmethod
    def search_details(cls, records, user):
        companies = (
            Company.objects.visible_to(user).only("name").in_bulk({r.company_id for r in records if r.company_id})
        )
        names = {pk: company.name for pk, company in companies.items()}
        return {r.pk: ", ".join(filter(None, [r.job_title, names.get(r.company_id)])) for r in records}

    def get_absolute_url(self):
        return record_url("contacts:person", self.pk)
