"""The companies that people of a file work at: found among those the user sees, else added."""

from __future__ import annotations

from itertools import count

from contacts.loading.employers import key_of, known_as
from contacts.models import Company
from crm import duplicates, events, loading
from crm.access import access_of


class Employers:
    """Companies by name and web site, kept for the rows to come. A new one has a number below 0 until it is stored."""

    def __init__(self, user, *, owner):
        self.user, self.owner = user, owner
        self.may_add = access_of(user).may(Company.record_kind(), "create")
        self.may_tell_site = "website" not in access_of(user).fixed(Company.record_kind())
        self.known: dict[tuple, Company] = {}
        self._drafted: dict[tuple, Company] = {}
        self._numbers = count(-1, -1)

    def draft(self, name, website):
        """Return the company of a row as it would be added; each is put through the gate once."""
        website = website if self.may_tell_site else ""
        if (name, website) not in self._drafted:
            company = loading.fresh(Company, name=name, website=website, source="import")
            loading.check(company)
            self._drafted[name, website] = company
        return self._drafted[name, website]

    def found(self, companies):
        """Return for each of these the company there, or the new one; None where there is none and none may be."""
        unknown = {key_of(one): one for one in reversed(companies) if key_of(one) not in self.known}
        self.known |= existing(self.user, unknown.values())
        new = {key: one for key, one in reversed(unknown.items()) if key not in self.known}
        if new and self.may_add:
            self._add(new)
        return [self.known.get(key_of(one)) for one in companies]

    def _add(self, new):
        owner = self.owner if access_of(self.user).scope(Company.record_kind(), "create") == "all" else self.user
        for company in new.values():
            company.owner_id, company.team_id = owner.pk, owner.team_id
            company.created_by_id = company.updated_by_id = self.user.pk
            company.id = next(self._numbers)
        self.known |= new

    def store(self, companies):
        """Write those of these companies that are new."""
        new = [company for company in {id(one): one for one in companies}.values() if company.id < 0]
        for company in new:
            company.id = None
        if new:
            ids = loading.store(Company, new)
            duplicates.keep(Company, ids, in_turn=False)
            events.note_many("contacts.company.created", ids, by=self.user)


_TOLD = {"sort_name", "name", "domain"}


def existing(user, companies):
    """Return {key: company} of those the user sees, by domain or else by name; the oldest of several."""
    domains = {company.domain for company in companies if company.domain}
    names = {company.sort_name for company in companies}
    told = {"sort_name", "name"} if "domain" in access_of(user).hidden(Company.record_kind()) else _TOLD
    opened = Company.objects.visible_to(user).order_by("-pk").only(*told)
    found = [
        *(opened.filter(sort_name__in=names) if names else ()),
        *(opened.filter(domain__in=domains) if domains else ()),
    ]
    by_key = {("name", row.sort_name): row for row in found}
    by_key |= {("domain", row.domain): row for row in found} if "domain" in told else {}
    known = {key_of(company): known_as(company, by_key) for company in companies}
    return {key: row for key, row in known.items() if row}
