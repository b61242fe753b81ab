"""What two records are compared by when they stand side by side."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from rapidfuzz.distance import Levenshtein

from contacts.columns import (
    STALE_DAYS,
    CompanyColumn,
    ContactColumns,
    NameColumn,
    OwnerColumn,
    PrimaryColumn,
    WhenColumn,
)
from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm.listing.columns import Column

MOST_SHOWN = 3  # ways of a sort to reach one record
ALIKE = 0.5  # of the letters: texts that have less in common are not marked


class AllColumn(PrimaryColumn):
    """All ways of a sort to reach each record, the primary first: what two have in common need not be that."""

    def fetch(self, rows, user):
        found = defaultdict(list)
        if rows:
            whole = f"{rows[0]._meta.model_name}_id"
            for part in self.part.objects.of(*rows).order_by("-is_primary", "pk"):
                found[getattr(part, whole)].append(str(part))
        return found

    def texts(self, row, found):
        return found[row.pk][:MOST_SHOWN]


class DayColumn(Column):
    """A day with its year."""

    def text(self, row, found):
        day = self.value(row, found)
        return date_format(day, "j M Y") if day else ""


class Sides(ContactColumns):
    """Columns that people and companies have in common; those without `texts` show their cell as lists do."""

    email = AllColumn(_("E-mail"), EmailAddress)
    phone = AllColumn(_("Phone"), PhoneNumber)
    address = AllColumn(_("Address"), PostalAddress)
    owner = OwnerColumn(_("Owner"))
    created = WhenColumn(_("Created"), attribute="created_at")
    last_contacted = WhenColumn(
        _("Last contacted"), attribute="last_contacted_at", never=_("Never"), stale_days=STALE_DAYS
    )


class PersonSides(Sides):
    model = Person
    shown = ("company", "job_title", "email", "phone", "address", "born_on", "owner", "created", "last_contacted")
    name = NameColumn(_("Name"), shape="person", fields=("given_name", "family_name"))
    company = CompanyColumn(_("Company"))
    job_title = Column(_("Job title"))
    born_on = DayColumn(_("Birthday"))


class CompanySides(Sides):
    model = Company
    shown = ("website", "industry", "email", "phone", "address", "owner", "created", "last_contacted")
    name = NameColumn(_("Name"), shape="company", fields=("name",))
    website = Column(_("Web site"))
    industry = Column(_("Industry"))


SIDES = {sides.model: sides for sides in (PersonSides, CompanySides)}
LETTERS = ("company", "job_title", "website", "industry", "email", "phone", "address", "born_on")
"""Columns whose letters are compared; of the others the whole is."""


def shown(model, hidden):
    """Return the columns of a kind that tell nothing of hidden fields, in their order."""
    columns = SIDES[model].open_to(hidden)
    return [columns[key] for key in SIDES[model].shown if key in columns]


def marked(text, others):
    """Return [(part of the text, whether it is otherwise in the one of `others` most like it)]."""
    if not text or not others or text in others:
        return [(text, False)]
    nearest = max(others, key=lambda other: Levenshtein.normalized_similarity(text, other))
    if Levenshtein.normalized_similarity(text, nearest) < ALIKE:
        return [(text, False)]
    parts = [one for one in Levenshtein.opcodes(nearest, text) if one.dest_end > one.dest_start]
    runs = groupby(parts, key=lambda one: one.tag != "equal")
    return [("".join(text[one.dest_start : one.dest_end] for one in run), differs) for differs, run in runs]
