"""The countries made-up data comes from: names, cities, streets and phone numbers in the shapes used there.

atlas.json is made by hand and from the name lists of Faker (its licence stands beside it). A name written
"佐藤|Sato" has a native and a Latin form; in a pattern "#" stands for a digit and "@" for a letter.
"""

from __future__ import annotations

import json
from bisect import bisect
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from anyascii import anyascii

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True)
class Name:
    """A given or family name in Latin letters, and as written at home where that is another script."""

    latin: str
    native: str

    @classmethod
    def of(cls, text):
        native, _bar, latin = text.partition("|")
        return cls(latin or native, native)


@dataclass(frozen=True)
class Place:
    street: str
    postcode: str
    city: str
    region: str


class Country:
    """One country of the atlas; every choice is drawn from the random generator it is given."""

    def __init__(self, code, entry):
        self.code = code
        self.timezone, self.currency, self.languages = entry["timezone"], entry["currency"], entry["languages"]
        self.legal_forms, self._street_layout = entry["legal"], entry["street"]
        self._cities, self._streets, self._phones = entry["cities"], entry["streets"], entry["phones"]
        self._given = {True: _names(entry["female"]), False: _names(entry["male"])}
        family = _names(entry["family"])
        self._family = {True: _names(entry.get("family_female", ())) or family, False: family}
        self.has_native_script = any("|" in text for text in entry["family"])

    def given_name(self, rng, female):
        return skewed(rng, self._given[female])

    def family_name(self, rng, female):
        return skewed(rng, self._family[female])

    def place(self, rng, native=False):
        """Return a street and number in one of the cities, with a postcode of that city."""
        city, postcodes, region, native_city = skewed(rng, self._cities)
        street = self._street_layout.format(s=rng.choice(self._streets), n=int(1 + 140 * rng.random() ** 2))
        postcode = filled(rng, rng.choice(postcodes)) if postcodes else ""
        return Place(street, postcode, native_city if native and native_city else city, region)

    def phone(self, rng, kind):
        """Return a number of a kind, "mobile" or "work", as (national, international) spelling."""
        national, international = rng.choice(self._phones[kind])
        digits = [rng.choice("0123456789") for _ in range(national.count("#"))]
        return _with_digits(national, digits), _with_digits(international, digits)


def _names(texts):
    return [Name.of(text) for text in texts]


def _with_digits(pattern, digits):
    rest = iter(digits)
    return "".join(next(rest) if sign == "#" else sign for sign in pattern)


def skewed(rng, options):
    """Return one of the options, the first ones more often."""
    return options[int(len(options) * rng.random() ** 1.7)]


class Weighted:
    """Options and how often each is drawn."""

    def __init__(self, pairs):
        self._options = [option for option, _weight in pairs]
        self._until = list(accumulate(weight for _option, weight in pairs))

    def draw(self, rng):
        return self._options[bisect(self._until, rng.random() * self._until[-1])]


def filled(rng, pattern):
    """Return a pattern with a digit for each "#" and a letter for each "@"."""
    signs = {"#": "0123456789", "@": _LETTERS}
    return "".join(rng.choice(signs[sign]) if sign in signs else sign for sign in pattern)


@lru_cache(maxsize=20_000)
def slug(text, separator="-"):
    """Return the text as it stands in an e-mail address or a domain."""
    plain = anyascii(text).lower().replace("'", "").replace(".", "")
    return separator.join("".join(sign if sign.isalnum() else " " for sign in plain).split())


@lru_cache
def countries():
    """Return all countries by their code."""
    entries = json.loads((Path(__file__).parent / "atlas.json").read_text())
    return {code: Country(code, entry) for code, entry in entries.items()}
