"""Planted fraud: bursts of invented leads, throw-away mailboxes, one phone behind many names; labelled."""

from __future__ import annotations

from datetime import timedelta

from contacts.demo import people
from crm.demo.atlas import slug

DISPOSABLE = ("mailinator.com", "yopmail.com", "guerrillamail.com", "10minutemail.com", "trashmail.com")


def burst(batch, rng, country, owner, most):
    """Add up to 24 nearly identical leads that one web form took within minutes; return how many."""
    given, family = country.given_name(rng, False).latin, country.family_name(rng, False).latin
    first = batch.order.now - timedelta(days=rng.randint(3, 400), minutes=rng.randint(0, 600))
    count, leader = min(rng.randint(14, 24), most), None
    for place in range(count):
        made_at = first + timedelta(seconds=place * 17 + rng.randint(0, 9))
        names = {"given_name": given, "family_name": f"{family}{place or ''}"}
        fields = {"stage": "lead", "source": "web_form", "tags": [], "created_at": made_at}
        row = people.person(batch, rng, country, owner, None, with_reaches=False, **names, **fields)
        row.updated_at, row.notes = row.created_at, "Send me your best price today."
        leader = leader or row
        address = f"{given}.{family}{rng.randint(100, 999)}".lower().replace(" ", "")
        people.add_email(batch, row, people.unused(batch, slug(address, "."), rng.choice(DISPOSABLE)), "private")
        batch.label(row, "fraud", "burst_of_leads", leader)
    return count


def ring(batch, rng, country, owner, most):
    """Add up to 9 people of different names with one mobile; return how many."""
    _national, number = country.phone(rng, "mobile")
    count, leader = min(rng.randint(5, 9), most), None
    for _ in range(count):
        row = people.person(batch, rng, country, owner, None, with_reaches=False, stage="lead", source="campaign")
        leader = leader or row
        people.add_phone(batch, row, number, "mobile")
        people.add_email(batch, row, people.private_address(batch, rng, row), "private")
        batch.label(row, "fraud", "one_phone_many_names", leader)
    return count


def throw_away(batch, rng, person):
    """Give one private person in fifty a throw-away mailbox."""
    if person.company is None and rng.random() < 0.02 and person.demo.emails:
        part = person.demo.emails[0]
        part.address = f"{part.address.partition('@')[0]}@{rng.choice(DISPOSABLE)}"
        batch.label(person, "fraud", "disposable_mail")
