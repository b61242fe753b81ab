"""Made-up people: names of their country, an employer, ways to reach them."""

from __future__ import annotations

from datetime import date, timedelta

from contacts.demo import words
from contacts.models import Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm.demo.atlas import Weighted, slug
from crm.loading import fresh

STAGES = Weighted([("lead", 40), ("qualified", 22), ("customer", 27), ("lapsed", 9), ("blocked", 2)])
SOURCES = Weighted([
    ("web_form", 22), ("referral", 14), ("trade_fair", 12), ("cold_call", 11), ("inbound_call", 8), ("inbound_mail", 9),
    ("partner", 6), ("campaign", 9), ("import", 6), ("other", 1), ("", 2),
])  # fmt: skip
TWO_FAMILY_NAMES = {"ES": 0.5, "MX": 0.5, "AR": 0.15, "PT": 0.4, "BR": 0.35}
TAG_SHARES = [(tag, share / 100) for tag, share in words.TAGS.items()]


def person(batch, rng, country, owner, employer=None, with_reaches=True, **given):
    """Add a person to the batch, with e-mail, phones and address, and return them; `given` fixes fields."""
    names = (given["given_name"], given["family_name"]) if "given_name" in given else None
    sketch = PersonSketch(rng, country, bool(employer and employer.demo.native), names)
    made_at = _made_at(batch, rng, employer)
    changed_at = made_at + (batch.order.now - made_at) * rng.random() ** 2
    row = fresh(
        Person,
        given_name=sketch.given,
        family_name=sketch.family,
        prefix=_title(rng, country),
        job_title=job_title(rng, country) if employer and rng.random() < 0.82 else "",
        company=employer,
        stage=STAGES.draw(rng),
        source=SOURCES.draw(rng),
        tags=[tag for tag, share in TAG_SHARES if rng.random() < share],
        language=country.languages[0] if rng.random() < 0.6 else "",
        currency=country.currency if rng.random() < 0.15 else "",
        born_on=_birthday(rng, batch.order.now) if rng.random() < 0.2 else None,
        owner=owner,
        team_id=owner and owner.team_id,
        created_at=made_at,
        created_by_id=owner and owner.pk,
        updated_at=changed_at,
        updated_by_id=owner and owner.pk,
    )
    row.demo = sketch
    for name, value in given.items():
        setattr(row, name, value)
    if rng.random() < 0.18:
        row.notes = _note(rng, country)
    batch.add(row)
    if employer:
        employer.demo.people.append(row)
    if with_reaches:
        _add_emails(batch, rng, row)
        _add_phones(batch, rng, row)
        _add_address(batch, rng, row)
    return row


class PersonSketch:
    """A person's names, as written and in Latin letters, before anybody mistypes them."""

    def __init__(self, rng, country, native=False, names=None):
        self.country, self.native = country, False
        self.emails, self.phones, self.addresses = [], [], []
        self.is_planned = self.is_copy = self.is_copied = self.has_wrong_number = False
        self.female = rng.random() < 0.46
        if names:
            self.given, self.family = self.latin_given, self.latin_family = names
        else:
            self._draw_names(rng, country, native)

    def _draw_names(self, rng, country, native):
        given, family = country.given_name(rng, self.female), country.family_name(rng, self.female)
        in_native = country.has_native_script and rng.random() < (0.75 if native else 0.3)
        self.given, self.family = (given.native, family.native) if in_native else (given.latin, family.latin)
        self.latin_given, self.latin_family = given.latin, family.latin
        self.native = in_native
        self._more_names(rng)

    def _more_names(self, rng):
        country = self.country
        if rng.random() < TWO_FAMILY_NAMES.get(country.code, 0):
            self.family = f"{self.family} {country.family_name(rng, self.female).latin}"
        elif rng.random() < 0.03 and not self.native:
            self.family = f"{self.family}-{country.family_name(rng, self.female).latin}"
        if country.code == "US" and rng.random() < 0.1:
            self.given = f"{self.given} {rng.choice('ABCDEJKLMRST')}."
        elif country.code in {"FR", "DE", "ES", "PT", "BR"} and rng.random() < 0.07:
            joint = "-" if country.code in {"FR", "DE"} else " "
            self.given = f"{self.given}{joint}{country.given_name(rng, self.female).latin}"


def _made_at(batch, rng, employer):
    earliest = employer.created_at if employer else batch.order.now - timedelta(days=730)
    span = (batch.order.now - earliest).total_seconds()
    return earliest + timedelta(seconds=int(span * rng.random() ** 1.2))


def _title(rng, country):
    chance = {"DE": 0.05, "AT": 0.12, "CH": 0.04, "IT": 0.06, "CZ": 0.08}.get(country.code, 0.012)
    if rng.random() >= chance:
        return ""
    return rng.choice(
        {"AT": ["Mag.", "Dr.", "DI"], "IT": ["Dott.", "Ing."], "CZ": ["Ing.", "Mgr."]}.get(
            country.code, ["Dr.", "Prof."]
        )
    )


def job_title(rng, country):
    """Return a job title, about half of the time in the language of the country."""
    group = words.LANGUAGE_GROUPS.get(country.languages[0], "en")
    titles = words.TITLES.get(group if rng.random() < 0.45 else "en", words.TITLES["en"])
    return rng.choice(titles.split("|"))


def _birthday(rng, now):
    return date(now.year - 22 - int(45 * rng.random()), 1, 1) + timedelta(days=rng.randrange(365))


def _note(rng, country):
    language = words.LANGUAGE_NAMES.get(country.languages[0], "English")
    note = rng.choice(words.NOTES)
    return note.format(city=country.place(rng).city, language=language, currency=country.currency)


def work_address(batch, rng, row):
    """Return an e-mail address in the shape of the person's employer."""
    sketch, employer = row.demo, row.company.demo
    given, family = slug(sketch.latin_given, ""), slug(sketch.latin_family, "")
    local = employer.mail_pattern.format(given=given, family=family, g=given[:1])
    return unused(batch, local, employer.domain)


def private_address(batch, rng, row):
    given, family = slug(row.demo.latin_given, ""), slug(row.demo.latin_family, "")
    shape = rng.choice(["{0}.{1}", "{0}{1}", "{1}.{0}", "{0}_{1}", "{2}{1}"])
    ending = rng.choice(["", "", str(rng.randint(60, 99)), str(rng.randint(1, 2000))])
    local = f"{shape.format(given, family, given[:1])}{ending}{batch.number or ''}"
    return unused(batch, local, rng.choice(words.MAILBOXES))


def unused(batch, local, domain):
    """Return an address nobody in the batch has, with a number behind the local part where it is taken."""
    taken = batch.__dict__.setdefault("taken_addresses", set())
    address, number = f"{local}@{domain}", 2
    while address in taken:
        address, number = f"{local}{number}@{domain}", number + 1
    taken.add(address)
    return address


def _add_emails(batch, rng, row):
    if row.company and rng.random() < 0.87:
        add_email(batch, row, work_address(batch, rng, row), "work")
    if rng.random() < (0.12 if row.company else 0.85):
        add_email(batch, row, private_address(batch, rng, row), "private")


def _add_phones(batch, rng, row):
    country = row.demo.country
    if rng.random() < 0.66:
        add_phone(batch, row, _spelling(rng, country.phone(rng, "mobile")), "mobile")
    if row.company and rng.random() < 0.45:
        _add_work_phone(batch, rng, row)
    elif not row.company and rng.random() < 0.3:
        add_phone(batch, row, _spelling(rng, country.phone(rng, "work")), "home")


def _add_work_phone(batch, rng, row):
    """Add a number of one's own or, for a quarter, the employer's switchboard with an extension."""
    if rng.random() < 0.75:
        add_phone(batch, row, _spelling(rng, row.demo.country.phone(rng, "work")), "work")
        return
    employer = row.company.demo
    part = add_phone(batch, row, _spelling(rng, employer.switchboard), "work", extension=str(rng.randint(10, 399)))
    part.region = employer.country.code


def _spelling(rng, number):
    national, international = number
    return national if rng.random() < 0.55 else international


def _add_address(batch, rng, row):
    if row.company and rng.random() < 0.6:
        add_address(batch, row, row.company.demo.address("work"))
    elif rng.random() < (0.3 if row.company else 0.7):
        place = row.demo.country.place(rng, native=row.demo.native)
        add_address(batch, row, home_address(row.demo.country, place))


def home_address(country, place):
    """Return an unsaved home address at a place."""
    return fresh(
        PostalAddress,
        kind="home",
        street=place.street,
        postcode=place.postcode,
        city=place.city,
        region=place.region,
        country=country.code,
    )


def same_address(part):
    """Return an unsaved address at the same place."""
    names = ("kind", "street", "postcode", "city", "region", "country")
    return fresh(PostalAddress, **{name: part.__dict__[name] for name in names})


def add_email(batch, row, address, kind):
    """Add an e-mail address to a person; the first one is the primary one."""
    part = fresh(EmailAddress, address=address, kind=kind, person=row, is_primary=not row.demo.emails)
    row.demo.emails.append(part)
    batch.add(part)
    return part


def add_phone(batch, row, number, kind, extension=""):
    """Add a phone number to a person, read as one of their country; the first one is the primary one."""
    part = fresh(PhoneNumber, number=number, kind=kind, person=row, extension=extension, is_primary=not row.demo.phones)
    part.region = row.demo.country.code
    row.demo.phones.append(part)
    batch.add(part)
    return part


def add_address(batch, row, part):
    """Add a postal address to a person; the first one is the primary one."""
    part.person, part.is_primary = row, not row.demo.addresses
    row.demo.addresses.append(part)
    batch.add(part)
    return part
