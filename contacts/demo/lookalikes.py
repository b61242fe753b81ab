"""People and companies that look alike and are not the same, and companies that are; labelled."""

from __future__ import annotations

from copy import copy
from datetime import timedelta

from contacts.demo import firms, people
from contacts.demo.spelling import mistyped
from contacts.models import Company
from crm.loading import fresh

SHARE = 0.011  # of people


def lookalike(batch, rng, person, most):
    """Add, for a small share of people, somebody who is easily taken for them; return how many were added."""
    if most < 1 or rng.random() >= SHARE:
        return 0
    variant, make = rng.choice(
        [("father_son", _son), ("household", _spouse), ("shared_mailbox", _colleague), ("namesake", _namesake)]
    )
    other = make(batch, rng, person)
    batch.label(person, "distinct", variant, person)
    batch.label(other, "distinct", variant, person)
    return 1


def _relative(batch, rng, person, **names):
    other = people.person(batch, rng, person.demo.country, person.owner, None, **names, with_reaches=False)
    _share_home(batch, rng, person, other)
    return other


def _share_home(batch, rng, person, other):
    theirs = next((part for part in person.demo.addresses if part.kind == "home"), None)
    if theirs is None:
        theirs = people.home_address(person.demo.country, person.demo.country.place(rng))
        people.add_address(batch, person, theirs)
    people.add_address(batch, other, people.same_address(theirs))


def _son(batch, rng, person):
    """Same name, same house, same line; a generation apart."""
    other = _relative(batch, rng, person, given_name=person.given_name, family_name=person.family_name)
    person.suffix, other.suffix = "Sr.", "Jr."
    if person.demo.phones:
        people.add_phone(batch, other, person.demo.phones[0].number, "home").region = person.demo.phones[0].region
    return other


def _spouse(batch, rng, person):
    given = person.demo.country.given_name(rng, not person.demo.female).latin
    return _relative(batch, rng, person, given_name=given, family_name=person.family_name)


def _colleague(batch, rng, person):
    """Two people who read one mailbox."""
    address = person.demo.emails[0].address if person.demo.emails else people.private_address(batch, rng, person)
    other = people.person(batch, rng, person.demo.country, person.owner, person.company, with_reaches=False)
    if not person.demo.emails:
        people.add_email(batch, person, address, "other")
    people.add_email(batch, other, address, "other")
    return other


def _namesake(batch, rng, person):
    names = {"given_name": person.given_name, "family_name": person.family_name}
    return people.person(batch, rng, person.demo.country, person.owner, None, **names)


def company_copy(batch, rng, company):
    """Add a second record of a company, or for one in four another company of nearly the same name."""
    is_same = rng.random() < 0.75
    twin = fresh(
        Company,
        name=_varied_name(rng, company)
        if is_same
        else f"{company.demo.stem} {rng.choice(['Group', 'Nord', 'Holding', '2', 'Service'])}",
        website=company.website if is_same and rng.random() < 0.6 else "",
        industry=company.industry if rng.random() < 0.5 else "",
        owner=company.owner,
        team_id=company.team_id,
        created_at=min(company.created_at + timedelta(days=rng.randint(1, 200)), batch.order.now),
        created_by_id=company.created_by_id,
    )
    twin.updated_at, twin.demo = twin.created_at, copy(company.demo)
    batch.add(twin)
    if not is_same or not twin.website:
        twin.demo.place = company.demo.place if is_same else company.demo.country.place(rng)
        batch.add(firms.in_company(twin.demo.address("work"), twin))
    label, variant = ("duplicate", "company_name") if is_same else ("distinct", "sister_company")
    batch.label(company, label, variant, company)
    batch.label(twin, label, variant, company)


def _varied_name(rng, company):
    stem = company.demo.stem
    return rng.choice(
        [stem, stem.upper(), mistyped(rng, company.name), f"{stem} ({company.demo.place.city})", stem.split()[0]]
    )
