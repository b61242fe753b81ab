"""What is wrong or out of date with made-up people; every fault is labelled."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import ValidationError

from contacts.demo import people
from crm import standards

MISTYPED_DOMAINS = (
    "gmial.con",
    "gmail.con",
    "hotmial.con",
    "outlok.con",
    "yaho.con",
    "postmial.example",
    "inbxo.example",
)
PLACEHOLDERS = [
    ("Test", "Test"),
    ("N/A", "N/A"),
    ("Unknown", "Unknown"),
    ("asdf", "asdf"),
    ("Max", "Mustermann"),
    ("X", "X"),
]
BOUNCES = (
    "Mail returned on {day}: 550 5.1.1 user unknown.",
    "Mail to the office comes back since {day}, mailbox closed.",
    "Undeliverable on {day}: recipient no longer works here.",
)


def spoil(batch, rng, person):
    """Give a small share of people a fault, at most one each."""
    chance, until = rng.random(), 0.0
    for share, name, label, spoilt in FAULTS:
        until += share
        if chance < until:
            detail = spoilt(batch, rng, person)
            if detail is not None:
                batch.label(person, label, name, **detail)
            return


def _mistyped_domain(_batch, rng, person):
    for part in person.demo.emails:
        if part.kind != "work":
            meant = part.address
            part.address = f"{meant.partition('@')[0]}@{rng.choice(MISTYPED_DOMAINS)}"
            return {"meant": meant}


def _birthday(batch, rng, person):
    now = batch.order.now
    days = [
        date(1900, 1, 1),
        date(1888, 3, 12),
        now.date() + timedelta(days=rng.randint(30, 900)),
        date(now.year - 3, 5, 5),
    ]
    person.born_on = rng.choice(days)
    return {"born_on": person.born_on.isoformat()}


def _unknown_number(_batch, rng, person):
    """A number of the right length that the numbering plan of the country does not know."""
    for part in person.demo.phones:
        for _ in range(6):
            known = standards.phone(part.number, part.region)
            number = known.number[:3] + "".join(rng.choice("019") for _ in known.number[3:])
            try:
                if not standards.phone(number).is_valid:
                    part.number = number
                    return {"was": known.number}
            except ValidationError:
                continue


def _foreign_postcode(_batch, rng, person):
    """The postcode of another city than the one named."""
    for part in person.demo.addresses:
        other = person.demo.country.place(rng)
        if part.postcode and other.postcode and other.city != part.city:
            was, part.postcode = part.postcode, other.postcode
            return {"was": was}


def _misshapen_postcode(_batch, rng, person):
    for part in person.demo.addresses:
        if part.postcode:
            was, part.postcode = part.postcode, rng.choice(["00000", "99999999", "XXXX", part.postcode[:2]])
            return {"was": was}


def _placeholder(_batch, rng, person):
    was = f"{person.given_name} {person.family_name}"
    person.given_name, person.family_name = rng.choice(PLACEHOLDERS)
    return {"was": was}


def _employer_in_name(_batch, _rng, person):
    if not person.company:
        return None
    person.family_name = f"{person.family_name} ({person.company.name})"[:100]
    return {}


def _left_company(batch, rng, person):
    """The person has gone; the old address bounces and nobody has changed the record."""
    if not person.company or not person.demo.emails:
        return None
    day = batch.order.now.date() - timedelta(days=rng.randint(10, 300))
    person.notes = f"{person.notes}\n{rng.choice(BOUNCES).format(day=day)}".strip()
    return {"address": person.demo.emails[0].address, "since": day.isoformat()}


def _old_number(_batch, _rng, person):
    """The last calls reached a stranger; see interactions.demo."""
    if not person.demo.phones or not person.owner:
        return None
    person.demo.has_wrong_number = True
    return {"number": person.demo.phones[0].number}


def _old_title(_batch, rng, person):
    if not person.company:
        return None
    now_is = people.job_title(rng, person.demo.country)
    person.notes = f"{person.notes}\nNew business card: {now_is}.".strip()
    return {"job_title": now_is}


FAULTS = [
    # share of people, variant, label, what makes it
    (0.011, "email_domain", "invalid", _mistyped_domain),
    (0.005, "birthday", "invalid", _birthday),
    (0.008, "phone_unknown", "invalid", _unknown_number),
    (0.012, "postcode_of_another_city", "invalid", _foreign_postcode),
    (0.004, "postcode_shape", "invalid", _misshapen_postcode),
    (0.002, "placeholder_name", "invalid", _placeholder),
    (0.002, "employer_in_name", "invalid", _employer_in_name),
    (0.016, "left_company", "outdated", _left_company),
    (0.012, "old_number", "outdated", _old_number),
    (0.006, "old_title", "outdated", _old_title),
]
