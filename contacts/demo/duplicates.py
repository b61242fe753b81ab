"""Second records of people who are there already, as colleagues, web forms and imports make them; labelled."""

from __future__ import annotations

from copy import copy
from datetime import timedelta

from anyascii import anyascii

from contacts.demo import people
from contacts.demo.spelling import NICKNAMES, mistyped, other_layout
from contacts.models import Person
from crm.demo.atlas import slug
from crm.loading import fresh

SHARE = 0.052  # of people who have a second record; one in eight of them has a third
KEPT = ("prefix", "suffix", "stage", "language", "currency", "born_on", "team_id")


def copies(batch, rng, person, most):
    """Add up to `most` more records of a person and label all of them as one cluster; return how many."""
    count = 0 if rng.random() >= SHARE else 2 if rng.random() < 0.12 else 1
    count = min(count, most)
    for _ in range(count):
        name, vary = rng.choice(_fitting(batch, person))
        twin = _twin(batch, rng, person)
        vary(batch, rng, twin, person)
        batch.add(twin)
        batch.label(twin, "duplicate", name, person)
    if count:
        batch.label(person, "duplicate", "original", person)
    return count


def _twin(batch, rng, person):
    """Return a second record of a person, not yet in the batch, that knows nothing but name and employer."""
    gap = (batch.order.now - person.created_at) * rng.random()
    made_at = person.created_at + max(gap, timedelta(hours=1))
    made_at = min(made_at, batch.order.now)
    owner = person.owner if person.owner is None or rng.random() < 0.5 else rng.choice(batch.firm.mates[person.team_id])
    twin = fresh(
        Person,
        given_name=person.given_name,
        family_name=person.family_name,
        job_title=person.job_title if rng.random() < 0.5 else "",
        company=person.company,
        source=rng.choice(["web_form", "import", "trade_fair", "inbound_call", "cold_call", "campaign"]),
        owner=owner,
        created_at=made_at,
        created_by_id=owner and owner.pk,
        updated_at=made_at,
        updated_by_id=owner and owner.pk,
        **{name: getattr(person, name) for name in KEPT},
    )
    twin.demo = copy(person.demo)
    twin.demo.emails, twin.demo.phones, twin.demo.addresses = [], [], []
    twin.demo.is_copy = True
    return twin


def _same_email(batch, twin, person, at=0):
    if len(person.demo.emails) > at:
        theirs = person.demo.emails[at]
        people.add_email(batch, twin, theirs.address, theirs.kind)


def _same_phone(batch, rng, twin, person):
    if person.demo.phones:
        theirs = rng.choice(person.demo.phones)
        part = people.add_phone(
            batch, twin, other_layout(rng, theirs.number, theirs.region), theirs.kind, theirs.extension
        )
        part.region = theirs.region


def _same_address(batch, rng, twin, person):
    if person.demo.addresses and rng.random() < 0.5:
        people.add_address(batch, twin, people.same_address(person.demo.addresses[0]))


def _same_reaches(batch, rng, twin, person):
    """Give the twin some of the ways to reach the person, at least one if there is any."""
    if person.demo.emails and (rng.random() < 0.65 or not person.demo.phones):
        _same_email(batch, twin, person)
    if rng.random() < 0.65 or not twin.demo.emails:
        _same_phone(batch, rng, twin, person)
    _same_address(batch, rng, twin, person)


def _typo(batch, rng, twin, person):
    field = rng.choice(["given_name", "family_name", "family_name"])
    setattr(twin, field, mistyped(rng, getattr(twin, field)))
    _same_reaches(batch, rng, twin, person)


def _nickname(batch, rng, twin, person):
    twin.given_name = rng.choice(NICKNAMES[person.given_name])
    _same_reaches(batch, rng, twin, person)


def _initial(batch, rng, twin, person):
    twin.given_name = f"{person.given_name[:1]}."
    _same_reaches(batch, rng, twin, person)


def _swapped(batch, rng, twin, person):
    twin.given_name, twin.family_name = person.family_name, person.given_name
    _same_reaches(batch, rng, twin, person)


def _married(batch, rng, twin, person):
    """The work address follows the new name, the mobile stays."""
    new = person.demo.country.family_name(rng, True).latin
    twin.family_name = new if rng.random() < 0.7 else f"{new}-{person.family_name}"
    twin.demo.latin_family = new
    if twin.company:
        people.add_email(batch, twin, people.work_address(batch, rng, twin), "work")
    _same_phone(batch, rng, twin, person)
    _same_address(batch, rng, twin, person)


def _moved_company(batch, rng, twin, person):
    """Somebody in another firm of the batch, with the old mobile or private address."""
    twin.company = rng.choice(batch.employers)
    people.add_email(batch, twin, people.work_address(batch, rng, twin), "work")
    private = [at for at, part in enumerate(person.demo.emails) if part.kind == "private"]
    if private:
        _same_email(batch, twin, person, private[0])
    _same_phone(batch, rng, twin, person)


def _phone_only(batch, rng, twin, person):
    twin.job_title = ""
    _same_phone(batch, rng, twin, person)


def _transliterated(batch, rng, twin, person):
    sketch = person.demo
    if sketch.native:
        twin.given_name, twin.family_name = sketch.latin_given, sketch.latin_family
    else:
        twin.given_name, twin.family_name = anyascii(person.given_name), anyascii(person.family_name)
    _same_reaches(batch, rng, twin, person)


def _web_form(batch, rng, twin, person):
    """What a hurried visitor types: small letters, no employer, another mailbox or a tagged one."""
    twin.given_name = person.given_name.lower()
    twin.family_name = person.family_name.lower() if rng.random() < 0.8 else ""
    twin.company, twin.source, twin.job_title, twin.prefix = None, "web_form", "", ""
    local, at, domain = person.demo.emails[0].address.partition("@")
    same = rng.random() < 0.6
    people.add_email(batch, twin, f"{local}{at}{domain}" if same else f"{local}+web{at}{domain}", "other")


def _capitals(batch, rng, twin, person):
    twin.given_name, twin.family_name = person.given_name.upper(), person.family_name.upper()
    _same_reaches(batch, rng, twin, person)


def _other_mailbox(batch, rng, twin, person):
    people.add_email(batch, twin, people.private_address(batch, rng, twin), "private")
    _same_phone(batch, rng, twin, person)
    _same_address(batch, rng, twin, person)


def _mistyped_email(batch, rng, twin, person):
    local, _at, domain = person.demo.emails[0].address.partition("@")
    people.add_email(batch, twin, f"{slug(mistyped(rng, local), '.')}@{domain}", "work")
    _same_phone(batch, rng, twin, person)


def _second_name_dropped(batch, rng, twin, person):
    twin.family_name = person.family_name.replace("-", " ").split()[0]
    twin.given_name = person.given_name.replace("-", " ").split()[0]
    _same_reaches(batch, rng, twin, person)


def _name_only(batch, rng, twin, person):
    twin.job_title = person.job_title


def _fitting(batch, person):
    """Return [(variant, function)] of what can have happened to this person."""
    names = f"{person.given_name} {person.family_name}"
    reachable, mailed, latin = bool(person.demo.phones or person.demo.emails), bool(person.demo.emails), names.isascii()
    scripted = not person.demo.native
    found = [
        *[("typo", _typo, reachable and scripted)] * 2,
        *[("nickname", _nickname, reachable and person.given_name in NICKNAMES)] * 6,
        ("initial", _initial, reachable and scripted),
        ("swapped", _swapped, reachable and person.family_name and person.given_name),
        ("married", _married, person.demo.female and person.demo.phones and scripted),
        ("moved_company", _moved_company, batch.employers and person.demo.phones),
        ("phone_format", _phone_only, person.demo.phones),
        ("transliteration", _transliterated, reachable and not latin),
        *[("transliteration", _transliterated, reachable and person.demo.native)] * 3,
        ("web_form", _web_form, mailed),
        ("capitals", _capitals, reachable and scripted),
        ("other_mailbox", _other_mailbox, person.demo.phones),
        ("mistyped_email", _mistyped_email, mailed),
        ("second_name_dropped", _second_name_dropped, reachable and ("-" in names or names.count(" ") > 1)),
        ("name_only", _name_only, person.company),
    ]
    return [(name, vary) for name, vary, fits in found if fits] or [("name_only", _name_only)]
