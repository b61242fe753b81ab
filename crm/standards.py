"""The standard form of names, e-mail addresses, phone numbers, web sites and search words.

Plain functions over strings, so that a form, an import and a bulk load bring a value into the same form.
Each returns "" for "" and raises ValidationError where it says so.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from anyascii import anyascii
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email
from nameparser import HumanName
from publicsuffixlist import PublicSuffixList

_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")
_WORD = re.compile(r"[a-z0-9]+")
_HOST = re.compile(r"^(?:https?://)?(?:www\.)?([^/\s?#:@]+)", re.IGNORECASE)
_suffixes = PublicSuffixList()


def _is_tidy(value):
    """Whether `text` and `line` have nothing to do but strip: most values, at a tenth of the cost."""
    return value.isprintable() and "  " not in value and unicodedata.is_normalized("NFC", value)


def text(value):
    """Return the text in NFC without control and direction characters; runs of spaces are one space."""
    if not value or _is_tidy(value):
        return (value or "").strip()
    cleaned = _UNWANTED.sub("", unicodedata.normalize("NFC", value or ""))
    return "\n".join(_SPACES.sub(" ", line).strip() for line in cleaned.split("\n")).strip()


def line(value):
    """Return the text on one line."""
    if not value or _is_tidy(value):
        return (value or "").strip()
    return " ".join(text((value or "").replace("\r", "\n")).split())


def name(value):
    """Return a person's name with usual capitals where it came all upper or all lower case ("O'BRIEN" -> "O'Brien")."""
    tidy = line(value)
    if len(tidy) > 3 and (tidy.isupper() or tidy.islower()) and tidy.isascii():
        parsed = HumanName(first=tidy)
        parsed.capitalize(force=True)
        return parsed.first
    return tidy


@lru_cache(maxsize=65536)
def sort_key(value):
    """Return the text in lower-case ASCII letters, to sort and compare names of any script ("Æsir" -> "aesir")."""
    lowered = value.casefold()
    return " ".join((lowered if lowered.isascii() else anyascii(lowered).lower()).split())


def words(*values):
    """Return the distinct search words of the texts: lower case, unaccented, letters and digits only, sorted."""
    return sorted({word for value in values if value for word in _WORD.findall(sort_key(value))})


def initials(value):
    """Return the first letters of the first and the last word of a name ("Tomás da Silva" -> "TS")."""
    letters = [word[0] for word in value.split() if word[0].isalnum()]
    return "".join(letters[:1] + letters[-1:] if len(letters) > 1 else letters[:1]).upper() or "?"


@lru_cache(maxsize=65536)
def email(value):
    """Return the address in lower case, its domain in Unicode. Raises ValidationError if it cannot be one."""
    tidy = line(value).strip("<>;,").removeprefix("mailto:")
    if not tidy:
        return ""
    try:
        checked = validate_email(tidy, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise ValidationError(_("No e-mail address: %(value)s"), code="email", params={"value": tidy[:100]}) from None
    if "." not in checked.domain:
        raise ValidationError(_("No domain ending: %(value)s"), code="email", params={"value": tidy[:100]})
    return checked.normalized.lower()


def email_words(address):
    """Return the words of an e-mail address worth searching by: its local part, and its domain without the suffix."""
    local, _at, domain = address.partition("@")
    return words(local, registrable(domain).split(".")[0])


@dataclass(frozen=True)
class Phone:
    """A phone number: E.164, whether the numbering plan knows it, and the extension."""

    number: str
    is_valid: bool
    extension: str


@lru_cache(maxsize=16384)
def phone(value, region=None):
    """Return the number as Phone. A national number is read as one of `region` (ISO 3166 alpha-2).

    Raises ValidationError if it has too few or too many digits to be a number there.
    """
    tidy = line(value)
    try:
        parsed = phonenumbers.parse(tidy, region or None)
    except phonenumbers.NumberParseException:
        raise ValidationError(_("No phone number: %(value)s"), code="phone", params={"value": tidy[:40]}) from None
    if not phonenumbers.is_possible_number(parsed):
        raise ValidationError(_("Too short or too long: %(value)s"), code="phone", params={"value": tidy[:40]})
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone(number, phonenumbers.is_valid_number(parsed), parsed.extension or "")


@lru_cache(maxsize=16384)
def shown_phone(number):
    """Return an E.164 number as people write it internationally ("+47 412 07 733")."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def digits(value):
    """Return only the digits."""
    return re.sub(r"\D", "", value or "")


@lru_cache(maxsize=16384)
def registrable(host):
    """Return the part of a host name that somebody registered ("shop.acme.co.uk" -> "acme.co.uk")."""
    return _suffixes.privatesuffix(host.lower().strip(".")) or host.lower()


def website(value):
    """Return the web site with its scheme, "https://" where none was typed. Raises ValidationError without a host."""
    tidy = line(value)
    if not tidy:
        return ""
    match = _HOST.match(tidy)
    if not match or "." not in match[1] or re.match(r"^[a-z][a-z0-9+.-]*:(?!//)", tidy, re.IGNORECASE):
        raise ValidationError(_("No web address: %(value)s"), code="website", params={"value": tidy[:100]})
    if re.match(r"^[a-z][a-z0-9+.-]*://", tidy, re.IGNORECASE) and not tidy.lower().startswith(("http://", "https://")):
        raise ValidationError(_("Not a web address: %(value)s"), code="website", params={"value": tidy[:100]})
    return tidy if "://" in tidy else f"https://{tidy}"


def domain(value):
    """Return the registrable domain of a web site, "" if there is none."""
    match = _HOST.match(line(value))
    return registrable(match[1]) if match and "." in match[1] else ""


def postcode(value):
    """Return a postcode in capitals with single spaces."""
    return line(value).upper()


FIRST_YEAR, LAST_YEAR = 1900, 2200


def day(value):
    """Return a day or a moment. Raises ValidationError outside 1900 to 2200: a zone could take it off the calendar."""
    if value and not FIRST_YEAR <= value.year <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise ValidationError(_("The year lies outside %(first)d to %(last)d."), code="year", params=years)
    return value


@lru_cache(maxsize=1024)
def time_zone(name):
    """Return the zone of a name of the IANA time zone database, "Europe/Oslo"; None if it is none, or none any more."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of(user):
    """Return the zone in which a user's days begin: UTC for nobody, and where theirs is none any more."""
    return time_zone(getattr(user, "timezone", "")) or ZoneInfo("UTC")
