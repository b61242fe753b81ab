"""How people are matched: standard columns, blocking keys, comparisons."""

from pathlib import Path

from contacts.matching import comparisons, name_comparisons, reading
from crm.matching import names
from crm.matching.blocking import BlockingKey
from crm.matching.columns import Column
from crm.matching.contact_points import site
from crm.matching.finding import Specification
from crm.matching.places import birth_date
from crm.matching.words import plain, sorted_letters, sound, squashed

LONG_LOCAL_PART = 5
OTHER_NAMES = -4.5  # what given and family name weigh where both are wholly other
EXCHANGE_DIGITS, SHORTEST_NUMBER = 6, 8


def standard(columns):
    """Return the standard columns of people from {name of `reading.COLUMNS`: slots of n texts}."""
    return {
        **_names(columns),
        **reading.emails(columns),
        **reading.numbers(columns),
        **reading.company(columns),
        **reading.address(columns),
        "job": reading.read(columns, "job_title", plain),
        "birth": reading.read(columns, "birth_date", birth_date),
        "site": reading.read(columns, "website", site),
    }


NAMES = ("given", "further", "family", "generation")


def _names(columns):
    """The columns given, further, family and generation; a whole name may stand in any of the three fields."""
    written = [reading.texts(columns, name)[0] for name in ("given_name", "family_name", "full_name")]
    first, last = Column.of(written[0]), Column.of(written[1])
    given, further, generation = first.split(names.given_name, 3)
    family, other = last.split(names.family_name, 2)
    apart = (given.codes >= 0) & (last.codes >= 0)
    texts = zip(*written, apart[0].tolist(), strict=True)
    whole = Column.of(["" if known else family or given or full for given, family, full, known in texts])
    parts = (given, further, family, generation.or_else(other))
    wholes = whole.split(names.full_name, 4)
    found = [part.where(apart).or_else(other) for part, other in zip(parts, wholes, strict=True)]
    return dict(zip(NAMES, found, strict=True))


def _both(texts, between=" "):
    """Two texts in the order of the alphabet, so that swapped ones meet."""
    return between.join(sorted(texts.split("|")))


def _first(length):
    return lambda text: text[:length]


DERIVATIONS = {
    "given_initial": ("given", _first(1)),
    "given_beginning": ("given", _first(3)),
    "given_whole": ("given", lambda name: name if len(name) > 1 else ""),
    "given_sound": ("given_whole", lambda name: sound(name)[:5]),
    "given_formal": ("given_whole", names.first_formal_name),
    "given_other_formal": ("given_whole", names.last_formal_name),
    "further_initial": ("further", _first(1)),
    "family_initial": ("family", _first(1)),
    "family_beginning": ("family", _first(4)),
    "family_end": ("family", lambda name: name[-4:]),
    "family_first": ("family", lambda name: name.split(" ")[0]),
    "family_sound": ("family", sound),
    "family_short_sound": ("family_sound", _first(5)),
    "both_names": (("given_whole", "family"), _both),
    "both_sounds": (("given_sound", "family_short_sound"), _both),
    "local_long": ("local", lambda local: local if len(local) >= LONG_LOCAL_PART else ""),
    "switchboard": ("number", lambda number: number[:-3]),
    "exchange": ("number", lambda number: number[:EXCHANGE_DIGITS] if len(number) >= SHORTEST_NUMBER else ""),
    "company_beginning": ("company", _first(6)),
    "street_beginning": ("street", lambda name: squashed(name)[:7]),
    "postcode_area": ("postcode", lambda code: code[:3] if len(code) > 3 else ""),
    "postcode_letters": ("postcode", sorted_letters),
    "birth_digits": ("birth", sorted_letters),
}

KEYS = (
    BlockingKey("e-mail", ("email",)),
    BlockingKey("local part", ("local_long",)),
    BlockingKey("number", ("number",)),
    BlockingKey("names", ("both_names",)),
    BlockingKey("sounds", ("both_sounds",)),
    BlockingKey("sounds, city", ("both_sounds", "city")),
    BlockingKey("sounds, company", ("both_sounds", "company_beginning")),
    BlockingKey("sounds, domain", ("both_sounds", "firm_domain")),
    BlockingKey("sounds, postcode", ("both_sounds", "postcode")),
    BlockingKey("sounds, job", ("both_sounds", "job")),
    BlockingKey("family, company", ("family_first", "company")),
    BlockingKey("family, domain", ("family_first", "firm_domain")),
    BlockingKey("family, postcode", ("family_first", "postcode", "given_initial")),
    BlockingKey("family sound, company", ("family_sound", "company")),
    BlockingKey("family sound, domain", ("family_sound", "firm_domain")),
    BlockingKey("family sound, postcode", ("family_sound", "postcode", "given_initial")),
    BlockingKey("family sound, city", ("family_sound", "city", "given_initial")),
    BlockingKey("given, company", ("given_beginning", "company")),
    BlockingKey("given, domain", ("given_beginning", "firm_domain")),
    BlockingKey("initials, company", ("given_initial", "family_initial", "company_beginning")),
    BlockingKey("initial, address", ("given_initial", "address")),
    BlockingKey("family, address", ("family_beginning", "address")),
    BlockingKey("given, postcode", ("given_formal", "postcode")),
    BlockingKey("given, family's end", ("given_beginning", "family_end")),
    BlockingKey("given, switchboard", ("given_beginning", "switchboard")),
    BlockingKey("family, switchboard", ("family_beginning", "switchboard")),
    BlockingKey("formal name", ("given_formal", "family_sound")),
    BlockingKey("other formal name", ("given_other_formal", "family_sound")),
    BlockingKey("initial, family", ("given_initial", "family"), cap=6),
    BlockingKey("address", ("street_beginning", "house"), cap=8),
    BlockingKey("house, postcode", ("postcode_letters", "house"), cap=8),
    BlockingKey("street, postcode", ("street_beginning", "postcode_letters"), cap=8),
    BlockingKey("birth", ("birth",)),
    BlockingKey("birth, given", ("birth", "given_initial")),
    BlockingKey("birth, family", ("birth", "family_initial")),
    BlockingKey("birth, house", ("birth", "house")),
    BlockingKey("birth's digits, given", ("birth_digits", "given_initial"), cap=20),
    BlockingKey("birth's digits, family", ("birth_digits", "family_initial"), cap=20),
)


def _hopeless(pairs, weight):
    """Both names are wholly other, and no birthday can make up for that."""
    return (weight < OTHER_NAMES) & ~pairs.both("birth")


PERSON = Specification(
    kind="person",
    standard=standard,
    derivations=DERIVATIONS,
    keys=KEYS,
    comparisons=(
        *name_comparisons.COMPARISONS,
        comparisons.email,
        comparisons.phone,
        comparisons.second_phone,
        comparisons.workplace,
        *comparisons.PLACES,
        comparisons.job,
        comparisons.birth,
        comparisons.website,
    ),
    weights_file=Path(__file__).with_name("person_weights.json"),
    counted=(
        "given",
        "family",
        "email",
        "number",
        "company",
        "firm_domain",
        "address",
        "postcode",
        "city",
        "job",
        "site",
    ),
    strong=("e-mail", "number", "names"),
    vetoes={"generation": ("other",)},
    first=("given", "family", "names"),
    hopeless=_hopeless,
)
