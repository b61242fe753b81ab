"""Made-up companies and people, held by the users of the made-up firm."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain

from contacts.demo import duplicates, faults, firms, frauds, lookalikes, people, spotlight
from contacts.demo.words import TAGS
from contacts.loading import settle
from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm.demo import part
from crm.demo.atlas import countries
from crm.demo.firm import HOME_TEAM, team_countries
from crm.loading import fresh
from crm.models import Tag

PARTS = (EmailAddress, PhoneNumber, PostalAddress)
MOST_ADVANCED = ("customer", "qualified", "lapsed")
PRIVATE_SHARE = 0.12
OTHER_COUNTRY_SHARE = 0.06
COMPANY_COPY_SHARE = 0.04
BURST_SHARE = 0.04  # of what nobody owns
RING_SHARE = 0.002


@part
def companies_and_people(batch, rng):
    """Give every team the people it is to hold, company by company."""
    if batch.is_first:
        batch.add(*[fresh(Tag, name=name) for name in TAGS])
    for team, count in _quotas(batch):
        held = spotlight.show(batch, rng, count) if batch.is_first and team == HOME_TEAM else 0
        while held < count:
            held += _group(batch, rng, team, count - held)


def _quotas(batch):
    """Return [(team, people)] of this batch; over all batches each team gets exactly what it is to hold."""
    return [(team, batch.share_of(total)) for team, total in batch.firm.quotas(batch.order.people)]


def _group(batch, rng, team, most):
    """Add one company and some of its people, or one private person; return how many people."""
    owner, country, chance = _holder(batch, rng, team), _country(rng, team), rng.random()
    if team is None and chance < BURST_SHARE:
        return frauds.burst(batch, rng, country, owner, most)
    if chance < RING_SHARE:
        return frauds.ring(batch, rng, country, owner, most)
    if rng.random() < PRIVATE_SHARE:
        return _somebody(batch, rng, country, owner, None, most)
    employer = firms.company(batch, rng, country, owner)
    count, wanted = 0, min(_staff(rng, batch.order), most)
    while count < wanted:
        mate = owner if rng.random() < 0.8 else _holder(batch, rng, team)
        home = country if rng.random() < 0.93 else _country(rng, team)
        count += _somebody(batch, rng, home, mate, employer, most - count)
    if rng.random() < COMPANY_COPY_SHARE:
        lookalikes.company_copy(batch, rng, employer)
    return count


def _somebody(batch, rng, country, owner, employer, most):
    """Add a person and perhaps second records, a lookalike and a fault; return how many people, `most` at most."""
    person = people.person(batch, rng, country, owner, employer)
    count = 1 + duplicates.copies(batch, rng, person, most - 1)
    count += lookalikes.lookalike(batch, rng, person, most - count)
    faults.spoil(batch, rng, person)
    frauds.throw_away(batch, rng, person)
    return count


def _holder(batch, rng, team):
    return team and batch.firm.holder(rng, team)


def _country(rng, team):
    elsewhere = rng.random() < OTHER_COUNTRY_SHARE
    return countries()[rng.choice(list(countries()) if elsewhere else team_countries(team))]


def _staff(rng, order):
    """Return how many people of a company we know: mostly a few, sometimes dozens."""
    mean = order.people * (1 - PRIVATE_SHARE) / max(order.companies, 1)
    return max(1, min(round(rng.lognormvariate(0, 0.9) * mean / 1.5), 80))


def _whole(row):
    return row._state.fields_cache.get("person") or row._state.fields_cache["company"]


@part
def what_follows(batch, rng):
    """Bring everything into its standard form, once all parts are known."""
    parts = defaultdict(list)
    for row in chain.from_iterable(batch.rows[model] for model in PARTS):
        parts[id(_whole(row))].append(row)
    for row in batch.rows[Company]:
        stages = {person.stage for person in row.demo.people}
        row.stage = next((stage for stage in MOST_ADVANCED if stage in stages), "lead")
    for row in chain(batch.rows[Company], batch.rows[Person]):
        settle(row, parts[id(row)])
