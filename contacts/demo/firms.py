"""Made-up companies."""

from __future__ import annotations

from datetime import timedelta

from contacts.demo import words
from contacts.models import Company
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm.demo.atlas import Weighted, skewed, slug
from crm.loading import fresh

SIZES = Weighted([("1", 26), ("10", 34), ("50", 22), ("250", 10), ("1000", 4), ("", 4)])
MAIL_PATTERNS = ["{given}.{family}", "{given}.{family}", "{g}.{family}", "{g}{family}", "{given}", "{family}.{g}"]


def company(batch, rng, country, owner, name=None, industry=None):
    """Add a company of a country to the batch and return it; what its people need stands on it as `demo`."""
    industry = industry or skewed(rng, list(words.INDUSTRIES))
    native = name is None and country.code in words.HOME_NAMES and rng.random() < 0.4
    stem = name or (_home_stem(rng, country) if native else _stem(rng, country, industry))
    made_at = batch.order.now - timedelta(minutes=int(60 * 24 * 730 * rng.random()) + 3 * 24 * 60)
    row = fresh(
        Company,
        name=rng.choice(country.legal_forms).format(stem) if rng.random() < 0.92 else stem,
        industry=industry if rng.random() < 0.9 else "",
        size=SIZES.draw(rng),
        currency=country.currency if rng.random() < 0.7 else "",
        source=rng.choice(["referral", "trade_fair", "cold_call", "web_form", "inbound_mail", "partner", "import", ""]),
        owner=owner,
        team_id=owner and owner.team_id,
        created_at=made_at,
        created_by_id=owner and owner.pk,
        updated_at=made_at,
        updated_by_id=owner and owner.pk,
    )
    row.demo = CompanySketch(batch, rng, country, stem)
    row.website = rng.choice(["https://{}", "https://www.{}", "www.{}", "http://{}/"]).format(row.demo.domain)
    batch.add(row)
    batch.employers.append(row)
    _add_reaches(batch, rng, row)
    return row


class CompanySketch:
    """What the people of a company have in common: domain, shape of addresses, switchboard, seat."""

    def __init__(self, batch, rng, country, stem):
        self.country, self.stem, self.people = country, stem, []
        self.native = not stem.isascii() and country.has_native_script
        self.domain = f"{slug(stem)[:40].strip('-') or 'firm'}{batch.number or ''}.example"
        self.mail_pattern = rng.choice(MAIL_PATTERNS)
        self.place = country.place(rng, native=self.native)
        self.switchboard = country.phone(rng, "work")

    def address(self, kind):
        place = self.place
        return fresh(
            PostalAddress,
            kind=kind,
            street=place.street,
            postcode=place.postcode,
            city=place.city,
            region=place.region,
            country=self.country.code,
            is_primary=True,
        )


def _stem(rng, country, industry):
    group = words.LANGUAGE_GROUPS.get(country.languages[0], "en")
    choices = words.INDUSTRIES[industry]
    trade = rng.choice(choices.get(group if rng.random() < 0.75 else "en", choices["en"]).split())
    style = rng.random()
    if style < 0.38:
        return f"{country.family_name(rng, False).latin} {trade}"
    if style < 0.5:
        return f"{country.family_name(rng, False).latin} & {country.family_name(rng, False).latin}"
    if style < 0.6:
        return f"{_town(rng, country)} {trade}"
    root = rng.choice(words.ROOTS)
    if style < 0.8:
        return f"{root} {trade}"
    return f"{root[: rng.randint(3, 5)]}{rng.choice(words.ENDINGS)} {trade}"


def _town(rng, country):
    return country.place(rng).city.removesuffix(" K").removesuffix(" C")


def _home_stem(rng, country):
    begins, ends = words.HOME_NAMES[country.code]
    space = "" if country.code in {"JP", "CN", "KR"} else " "
    return f"{rng.choice(begins.split())}{space}{rng.choice(ends.split())}"


def _add_reaches(batch, rng, row):
    sketch = row.demo
    if rng.random() < 0.9:
        batch.add(in_company(sketch.address("work"), row))
    if rng.random() < 0.75:
        phone = fresh(PhoneNumber, number=rng.choice(sketch.switchboard), kind="work", is_primary=True)
        phone.region = sketch.country.code
        batch.add(in_company(phone, row))
    if rng.random() < 0.5:
        address = f"{rng.choice(['post', 'info', 'office', 'kontakt', 'sales'])}@{sketch.domain}"
        batch.add(in_company(fresh(EmailAddress, address=address, is_primary=True), row))


def in_company(part, row):
    part.company = row
    return part
