"""Companies as they are imported."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from contacts.importing import exports
from contacts.importing.columns import ADDRESSES, COMMON, E_MAILS, NUMBERS, PHONES, SIZES, looks_like_site
from contacts.importing.reading import ContactPlanner
from contacts.models import Company
from crm import standards
from crm.importing.choices import Owners
from crm.importing.kinds import Column, Importable, Key
from crm.importing.numbers import NUMBER_ELSEWHERE


class CompanyPlanner(ContactPlanner):
    model = Company
    plain = {name: name for name in ("name", "website", "industry", "currency", "notes")}
    righted = ("website",)
    known_columns = ("id", NUMBER_ELSEWHERE, "name", "website")
    following = ("country", "domain")

    def draft(self, draft):
        super().draft(draft)
        draft.name = standards.sort_key(standards.line(draft.values.get("name", "")))

    def __init__(self, asked, **options):
        super().__init__(asked, **options)
        knows_domains = "domain" not in self.access.hidden(asked.kind)
        self.telling = ("sort_name", "domain") if knows_domains else ("sort_name",)

    def fits(self, draft, told):
        """A firm has one domain: another one speaks against its being the same, whatever its name."""
        domain, other = _domain(draft), told[1] if len(told) > 1 else ""
        return (not domain or not other or domain == other) and super().fits(draft, told)

    def identity(self, name, draft):
        if name == "domain":
            return [_domain(draft)] if _domain(draft) else []
        return [draft.name] if draft.name else []

    def keys(self, draft):
        named = (f"{name}:{text}" for name in ("domain", "name") for text in self.identity(name, draft))
        return [*super().keys(draft), *named]

    def with_domain(self, texts):
        return Company.objects.visible_to(self.user).filter(domain__in=texts).values_list("domain", "pk")

    def with_name(self, texts):
        return Company.objects.visible_to(self.user).filter(sort_name__in=texts).values_list("sort_name", "pk")

    def compared(self, draft):
        found = super().compared(draft)
        found["company"] = [draft.values.get("name", "")]
        found["website"] = [draft.values.get("website", "")]
        return found

    def first_values(self):
        return {**super().first_values(), "source": "import"}


def _domain(draft):
    return standards.domain(draft.values.get("website", ""))


COMPANIES = Importable(
    "companies",
    Company,
    CompanyPlanner,
    (
        Column("name", _("Name"), (
            "company name", "company", "account name", "organization name", "organization", "organisation", "firma",
            "firmenname", "unternehmen", "entreprise", "empresa", "azienda", "bedrijf", "record name",
        ), example="Nordlys Energi"),
        Column("website", _("Web site"), (
            "website", "web page", "url", "homepage", "webseite", "domain", "company domain name", "website url",
        ), looks=looks_like_site, example="https://nordlys.example"),
        Column("industry", _("Industry"), ("branche", "sector", "secteur", "industria"), example="Energy"),
        Column("size", _("Employees"), (
            "number of employees", "employee count", "no of employees", "mitarbeiter", "company size",
        ), choices=SIZES),
        *E_MAILS[:1],
        *PHONES[:1],
        PHONES[3],
        *ADDRESSES[:6],
        *COMMON,
        Column("owner", _("Owner"), ("company owner", "account owner", "organization owner", "assigned to", "betreuer"),
               choices=Owners(Company)),
        *NUMBERS,
    ),
    (
        Key("id", _("Number here"), ("id",)),
        Key("domain", _("Web site"), ("website",)),
        Key("name", _("Name"), ("name",)),
    ),
    exports.OF_COMPANIES,
    icon="building",
)  # fmt: skip
