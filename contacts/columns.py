"""The columns of the lists of people and companies."""

from __future__ import annotations

from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from contacts.models import NEVER_CONTACTED_FIRST, NONE_PLANNED_LAST, Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import dates, marks
from crm.listing.columns import NOTHING, Column, RecordColumns

STALE_DAYS = 60


class NameColumn(Column):
    """The record's name with its avatar; opens the record."""

    def __init__(self, label, *, shape, fields, **options):
        super().__init__(label, opens=True, css="name", **options)
        self.shape, self.fields = shape, fields

    def value(self, row, found):
        return row

    def html(self, row, found):
        name = str(row)
        return SafeString(f'{marks.avatar(name, self.shape)}<span class="cut">{escape(name)}</span>')


class CompanyColumn(Column):
    """The current company, if the reader may see it."""

    fields = ("company",)

    def fetch(self, rows, user):
        ids = {row.company_id for row in rows if row.company_id}
        seen = Company.objects.visible_to(user).filter(pk__in=ids)
        return dict(seen.values_list("pk", "name")) if ids else {}

    def value(self, row, found):
        return found.get(row.company_id)


class OwnerColumn(Column):
    fields = ("owner", "owner__given_name", "owner__family_name", "owner__email")

    def value(self, row, found):
        return row.owner.short_name if row.owner_id else None


class ChoiceColumn(Column):
    """One of the choices of the field the column is named after."""

    def fetch(self, rows, user):
        """Return {choice: its label}, except for "none"."""
        choices = rows[0]._meta.get_field(self.key).choices if rows else ()
        return {value: str(label) for value, label in choices if value}

    def value(self, row, found):
        return found.get(getattr(row, self.key))


class StageColumn(ChoiceColumn):
    def html(self, row, found):
        return marks.stage(row.stage, self.value(row, found))


class WhenColumn(Column):
    """A moment; `never`: the words for none; `stale_days`: amber after so many days, red after three times that."""

    def __init__(self, label, *, never="", stale_days=None, **options):
        super().__init__(label, **options)
        self.never, self.stale_days = never, stale_days

    def fetch(self, rows, user):
        return dates.Viewer()

    def text(self, row, found):
        moment = self.value(row, found)
        return moment.isoformat(timespec="minutes") if moment else ""

    def html(self, row, found):
        return marks.when(self.value(row, found), str(self.never), self.stale_days, viewer=found)


class NextColumn(WhenColumn):
    def html(self, row, found):
        return marks.next_step(row.next_activity_at)


class PrimaryColumn(Column):
    """The primary e-mail, phone or address of each row."""

    fields = ()

    def __init__(self, label, part, **options):
        super().__init__(label, **options)
        self.part, self.tells = part, (part.rights_name,)

    def fetch(self, rows, user):
        if not rows:
            return {}
        whole = rows[0]._meta.model_name
        return {getattr(part, f"{whole}_id"): part for part in self.part.objects.of(*rows).filter(is_primary=True)}

    def value(self, row, found):
        return found.get(row.pk)


class TagsColumn(Column):
    def text(self, row, found):
        return ", ".join(row.tags)

    def html(self, row, found):
        return SafeString(" ".join(marks.tag(tag) for tag in row.tags)) or NOTHING


class CountryColumn(Column):
    def value(self, row, found):
        return row.country.name if row.country else None


class ContactColumns(RecordColumns):
    owner = OwnerColumn(_("Owner"), css="dim opt")
    stage = StageColumn(_("Stage"), order="stage", css="opt")
    last_contacted = WhenColumn(
        _("Last contacted"),
        attribute="last_contacted_at",
        order=NEVER_CONTACTED_FIRST,
        never=_("Never"),
        stale_days=STALE_DAYS,
    )
    next_activity = NextColumn(_("Next activity"), attribute="next_activity_at", order=NONE_PLANNED_LAST, css="c-next")
    email = PrimaryColumn(_("E-mail"), EmailAddress)
    phone = PrimaryColumn(_("Phone"), PhoneNumber, css="nums")
    address = PrimaryColumn(_("Address"), PostalAddress, css="opt")
    country = CountryColumn(_("Country"), css="opt")
    source = ChoiceColumn(_("Source"), css="opt")
    tags = TagsColumn(_("Tags"), css="opt")
    created = WhenColumn(_("Created"), attribute="created_at", order="created_at", css="opt")
    changed = WhenColumn(_("Last change"), attribute="updated_at", order="updated_at", css="opt")


class PersonColumns(ContactColumns):
    model = Person
    default = ("name", "company", "owner", "stage", "last_contacted", "next_activity", "changed")
    order = "-changed"
    name = NameColumn(_("Name"), shape="person", fields=("given_name", "family_name"), order="sort_name")
    company = CompanyColumn(_("Company"), css="c-co")
    job_title = Column(_("Job title"), css="opt")


class CompanyColumns(ContactColumns):
    model = Company
    default = ("name", "industry", "country", "owner", "stage", "last_contacted", "next_activity", "changed")
    order = "-changed"
    name = NameColumn(_("Name"), shape="company", fields=("name",), order="sort_name")
    industry = Column(_("Industry"), css="c-co")
    website = Column(_("Web site"), css="opt")
    size = ChoiceColumn(_("Employees"), css="opt", numeric=True)
