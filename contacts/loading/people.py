"""A table of people into the database, a few thousand rows at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice

from django.db import transaction

from contacts.loading import follow, tables
from contacts.loading.employers import key_of, known_as
from contacts.loading.rows import COLUMNS, Refusal, RowReader
from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import duplicates, history, loading

CHUNK_ROWS = 5_000


@dataclass
class Tally:
    """What became of a file: rows = people + refused."""

    rows: int = 0
    people: int = 0
    refused: int = 0
    companies_found: int = 0
    companies_made: int = 0
    values_set_aside: Counter = field(default_factory=Counter)


class PeopleLoad:
    """Loads one table. `owner`, `team`: who holds the people; `by`: on whose behalf, None for the system."""

    def __init__(self, *, by=None, owner=None, team=None, country="", refuse=lambda refusal: None):
        self._by, self._owner, self._country, self._refuse = by, owner, country, refuse
        self._team = owner.team if owner else team
        self.tally = Tally()
        self._employers = {}

    @transaction.atomic
    def run(self, file, *, reason):
        """Load the file and return the Tally. All or nothing: an error leaves the database as it was."""
        rows = tables.rows(file, COLUMNS)
        loading.check_references_at_once()
        with history.acting(self._by, reason=reason):
            while chunk := list(islice(rows, CHUNK_ROWS)):
                self._store([draft for row in chunk if (draft := self._draft(*row))])
        return self.tally

    def _draft(self, number, cells, fault):
        self.tally.rows += 1
        if cells is None:
            return self._refuse_row(number, fault)
        reader = RowReader(number, cells, self._country)
        draft = reader.draft()
        for refusal in reader.refusals:
            self.tally.values_set_aside[refusal.column] += 1
            self._refuse(refusal)
        return draft or self._refuse_row(number, "No name")

    def _refuse_row(self, number, reason):
        self.tally.refused += 1
        self._refuse(Refusal(number, "", "", reason))

    def _store(self, drafts):
        self._find_employers(drafts)
        parts = {EmailAddress: [], PhoneNumber: [], PostalAddress: []}
        for draft in drafts:
            self._hold(draft.person)
            draft.person.company = draft.employer
            follow(draft.person, draft.parts)
            for part in draft.parts:
                parts[type(part)].append(part)
        loading.store(Person, [draft.person for draft in drafts])
        for model, rows in parts.items():
            loading.store(model, rows)
        duplicates.keep(Person, [draft.person.pk for draft in drafts])
        self.tally.people += len(drafts)

    def _hold(self, row):
        row.owner_id = self._owner and self._owner.pk
        row.team_id = self._team and self._team.pk
        row.created_by_id = row.updated_by_id = self._by and self._by.pk

    def _find_employers(self, drafts):
        """Give every draft the company it names: one there is, else one made now."""
        named = [draft.employer for draft in drafts if draft.employer]
        unknown = {key_of(company): company for company in reversed(named) if key_of(company) not in self._employers}
        self._employers |= self._existing(unknown.values())
        made = [company for key, company in reversed(unknown.items()) if key not in self._employers]
        for company in made:
            self._hold(company)
            self._employers[key_of(company)] = company
        loading.store(Company, made)
        duplicates.keep(Company, [company.pk for company in made])
        self.tally.companies_made += len(made)
        for draft in drafts:
            draft.employer = draft.employer and self._employers[key_of(draft.employer)]

    def _existing(self, companies):
        """Return {key: company} of those the actor sees already, by domain or else by name; the oldest of several."""
        opened = Company.objects.visible_to(self._by) if self._by else Company.objects.unscoped(because="a load").live()
        domains = {company.domain for company in companies if company.domain}
        names = {company.sort_name for company in companies}
        found = [
            *opened.filter(sort_name__in=names).order_by("-pk").only("domain", "sort_name"),
            *opened.filter(domain__in=domains).order_by("-pk").only("domain", "sort_name"),
        ]
        by_key = {("name", row.sort_name): row for row in found} | {("domain", row.domain): row for row in found}
        known = {key_of(company): known_as(company, by_key) for company in companies}
        matched = {key: row for key, row in known.items() if row}
        self.tally.companies_found += len(matched)
        return matched
