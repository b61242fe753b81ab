"""One row of a table becomes a person with e-mail, phones and address; what does not pass is set aside."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from nameparser import HumanName

from contacts.loading import tables
from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import loading, standards, territories

COLUMNS = (
    "id", "given_name", "family_name", "full_name", "email", "phone", "mobile", "job_title", "company", "website",
    "street", "house_number", "city", "postcode", "state", "country", "birth_date",
)  # fmt: skip
PLACE_COLUMNS = {"street": "street", "postcode": "postcode", "city": "city", "region": "state", "country": "country"}
_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")


@dataclass
class Refusal:
    """A value, or with column "" a whole row, that was not taken."""

    row: int
    column: str
    value: str
    reason: str


@dataclass
class Draft:
    """A person that passed, with the ways to reach them and the employer named."""

    person: Person
    parts: list = field(default_factory=list)
    employer: Company | None = None


class RowReader:
    """Turns the cells of one row into a Draft; refusals are collected on the way."""

    def __init__(self, number, cells, default_country=""):
        self.number, self.refusals = number, []
        self._cells = {name: self._cell(name, value) for name, value in cells.items()}
        self._country = self._standard("country", territories.country)
        self._default_country = default_country

    def draft(self):
        """Return the Draft, or None if the row has no name that can be kept."""
        person = self._person()
        if not self._kept(person, {name: name for name in ("given_name", "family_name", "job_title")}):
            return None
        parts = [part for part in self._parts() if part]
        for part in parts:
            part.person = person
        return Draft(person, parts, self._employer())

    def refuse(self, column, value, reason):
        self.refusals.append(Refusal(self.number, column, tables.shown(str(value)), str(reason)))

    def _cell(self, name, value):
        if not tables.is_readable(value):
            self.refuse(name, value, _("Not in UTF-8"))
            return ""
        return value.replace("\0", "").strip()

    def _get(self, name):
        return self._cells.get(name, "")

    def _standard(self, column, rule):
        """Return a cell in the form a rule gives it, "" if the rule refuses it."""
        try:
            return rule(self._get(column))
        except ValidationError as error:
            self.refuse(column, self._get(column), " ".join(error.messages))
            return ""

    def _person(self):
        given, family = self._get("given_name"), self._get("family_name")
        name = HumanName(self._get("full_name")) if not (given or family) and self._get("full_name") else None
        return loading.fresh(
            Person,
            given_name=f"{name.first} {name.middle}".strip() if name else given,
            family_name=name.last if name else family,
            prefix=name.title[:30] if name else "",
            suffix=name.suffix[:20] if name else "",
            job_title=self._get("job_title"),
            born_on=self._standard("birth_date", self._day) or None,
            source="import",
        )

    def _day(self, text):
        """Return a date given as 1980-12-31, 19801231, 31.12.1980 or 12/31/1980."""
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            found = _DAY.match(text)
        if not found:
            raise ValidationError(_("No date"))
        return self._day_of(*map(int, found.groups()), is_dotted="." in text)

    def _day_of(self, first, second, year, is_dotted):
        if first <= 12 and second <= 12 and first != second and not is_dotted and self._country != "US":
            raise ValidationError(_("Day or month first?"))
        month_first = second > 12 or (self._country == "US" and first <= 12 and not is_dotted)
        try:
            return date(year, *((first, second) if month_first else (second, first)))
        except ValueError:
            raise ValidationError(_("No date")) from None

    def _kept(self, row, columns):
        """Check a row, setting aside the values it is refused for; return whether it passes without them."""
        for _attempt in range(2):
            try:
                loading.check(row)
            except ValidationError as error:
                if not self._set_aside(row, error, columns):
                    return False
            else:
                return True
        return False

    def _set_aside(self, row, error, columns):
        """Blank the fields an error names; return whether there was anything to blank."""
        blanked = False
        for name, errors in getattr(error, "error_dict", {}).items():
            value = getattr(row, name)
            if value:
                self.refuse(columns.get(name, name), value, " ".join(ValidationError(errors).messages))
                row.__dict__[name] = ""
                blanked = True
        return blanked

    def _parts(self):
        yield self._reach("email", EmailAddress, address=self._get("email"))
        region = self._region()
        mobile = self._reach("mobile", PhoneNumber, region, number=self._get("mobile"), kind="mobile")
        yield mobile
        phone = self._reach("phone", PhoneNumber, region, number=self._get("phone"))
        if phone and not (mobile and (mobile.number, mobile.extension) == (phone.number, phone.extension)):
            yield phone
        yield self._address()

    def _region(self):
        """Return where a number without a country code is read: the row's country, else the mail's, else the file's."""
        host = self._get("email").rpartition("@")[2]
        return self._country or territories.country_of_domain(host) or self._default_country

    def _reach(self, column, model, region=None, **values):
        """Return a part that passed the gate, or None."""
        value = self._get(column)
        if not value:
            return None
        part = loading.fresh(model, **values)
        part.region = region
        try:
            loading.check(part)
        except ValidationError as error:
            placeless = model is PhoneNumber and not region and not value.startswith(("+", "00"))
            self.refuse(column, value, _("No country to read it in") if placeless else " ".join(error.messages))
            return None
        return part

    def _address(self):
        street = " ".join(filter(None, [self._get("street"), self._get("house_number")]))
        values = {**{name: self._get(column) for name, column in PLACE_COLUMNS.items()}, "street": street}
        values["country"] = self._country
        if not any(values.values()):
            return None
        part = loading.fresh(PostalAddress, kind="work" if self._get("company") else "home", **values)
        return part if self._kept(part, PLACE_COLUMNS) else None

    def _employer(self):
        name = standards.line(self._get("company"))
        if not name:
            return None
        website = self._standard("website", standards.website)
        company = loading.fresh(Company, name=name, website=website, source="import")
        return company if self._kept(company, {"name": "company", "website": "website"}) and company.name else None
