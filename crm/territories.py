"""Countries by whatever name people write them."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from crm import standards

LANGUAGES = "en de fr es it pt nl nb da sv fi pl cs hu ro el tr uk ru bg he ar hi zh ja ko vi id".split()  # noqa: SIM905
ALSO = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "great britain": "GB",
    "usa": "US", "u s a": "US", "u s": "US", "united states of america": "US", "america": "US", "holland": "NL",
    "the netherlands": "NL", "turkey": "TR", "czech republic": "CZ", "south korea": "KR", "russia": "RU", "uae": "AE",
    "eire": "IE", "republic of ireland": "IE", "ivory coast": "CI", "swaziland": "SZ", "macedonia": "MK", "burma": "MM",
}  # fmt: skip


@lru_cache
def _by_name():
    known = set(countries.countries)
    found = {}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in known:
                found.setdefault(_key(name), code)
    found |= {_key(name): code for code, name in countries}
    found |= {countries.alpha3(code).lower(): code for code in known} | {code.lower(): code for code in known}
    return found | ALSO


def _key(name):
    return " ".join(standards.sort_key(standards.line(str(name))).replace(".", " ").replace("-", " ").split())


@lru_cache(maxsize=4096)
def country(value):
    """Return the ISO 3166 code of a country given as code or by name in one of LANGUAGES; "" for "".

    Raises ValidationError if there is none of that name.
    """
    tidy = standards.line(value)
    if not tidy:
        return ""
    code = _by_name().get(_key(tidy))
    if code is None:
        raise ValidationError(_("No country: %(value)s"), code="country", params={"value": tidy[:60]})
    return code


@lru_cache(maxsize=4096)
def country_of_domain(host):
    """Return the country a domain's ending stands for ("mail.acme.co.uk" -> "GB"), "" for .com and the like."""
    ending = host.rpartition(".")[2].upper()
    return {"UK": "GB"}.get(ending) or (ending if ending in countries.countries and ending not in _WORLDWIDE else "")


_WORLDWIDE = {"IO", "CO", "ME", "TV", "AI", "CC", "WS", "FM", "BZ", "AG", "TO", "LY", "GG"}
