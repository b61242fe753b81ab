"""The one parser for what comes in as text: ids, whole numbers, amounts, dates, choices, words.

Each function returns the value, the `default` for a missing or empty text if one was given, or raises
BadInput, which becomes a 400 page; forms and the API turn it into a message beside the field.
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

LARGEST_ID = 2**63 - 1
YEARS = range(1900, 2201)
REQUIRED = object()
_DIGITS = re.compile(r"[0-9]{1,19}")
_SIGNED = re.compile(r"-?[0-9]{1,19}")
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BadInput(ValidationError):
    """What was sent is not what was asked for."""

    def __str__(self):
        return " ".join(self.messages)


def identifier(text, *, default=REQUIRED):
    """Return the id of a row: 1 to 2**63 - 1."""
    return _parsed(text, default, _identifier)


def identifiers(texts, *, most=1000):
    """Return the ids in a list of texts, without repeats, in order. More than `most` are refused."""
    if len(texts) > most:
        raise BadInput(_("More than %(most)d records at once.") % {"most": most})
    return list(dict.fromkeys(map(identifier, texts)))


def whole(text, *, low=0, high=LARGEST_ID, default=REQUIRED):
    """Return a whole number from `low` to `high`."""
    return _parsed(text, default, lambda text: _whole(text, low, high))


def number(text, *, digits=20, places=4, default=REQUIRED):
    """Return a Decimal of at most so many digits and decimal places; never infinite or not a number."""
    return _parsed(text, default, lambda text: _number(text, digits, places))


def day(text, *, default=REQUIRED):
    """Return the date of a text such as 2026-11-21, from 1900 to 2200."""
    return _parsed(text, default, _day)


def moment(text, *, zone=None, default=REQUIRED):
    """Return the aware moment of a text such as 2026-11-21T09:30.

    Without an offset in the text it is read in `zone` (a name, or the current zone).
    """
    return _parsed(text, default, lambda text: _moment(text, zone))


def choice(text, allowed, *, default=REQUIRED):
    """Return the text if it is one of those allowed."""
    return _parsed(text, default, lambda text: _choice(text, allowed))


def words(text, *, longest=200, lines=False, default=REQUIRED):
    """Return the text, trimmed and in Unicode's composed form (NFC), of at most `longest` characters.

    Control characters and half surrogates are refused; `lines` allows line ends and tabs.
    """
    return _parsed(text, default, lambda text: _words(text, longest, lines))


def _parsed(text, default, parse):
    if text is None or not str(text).strip():
        if default is REQUIRED:
            raise BadInput(_("A value is missing."))
        return default
    return parse(str(text))


def _identifier(text):
    if not _DIGITS.fullmatch(text) or not 1 <= int(text) <= LARGEST_ID:
        raise BadInput(_("That is not the number of a record."))
    return int(text)


def _whole(text, low, high):
    text = text.strip()
    if not _SIGNED.fullmatch(text) or not low <= int(text) <= high:
        raise BadInput(_("A whole number from %(low)d to %(high)d is needed.") % {"low": low, "high": high})
    return int(text)


def _number(text, digits, places):
    text = text.strip()
    try:
        value = Decimal(text) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:
        value = None
    if value is None or abs(int(value.as_tuple().exponent)) > places or len(value.as_tuple().digits) > digits:
        raise BadInput(_("That is not a number with at most %(places)d decimal places.") % {"places": places})
    return value


def _day(text):
    text = text.strip()
    try:
        value = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        value = None
    if value is None or value.year not in YEARS:
        raise BadInput(_("That is not a date such as 2026-11-21."))
    return value


def _moment(text, zone):
    try:
        value = datetime.fromisoformat(text.strip()) if text.isascii() else None
    except ValueError:
        value = None
    if value is None or value.year not in YEARS:
        raise BadInput(_("That is not a time such as 2026-11-21 09:30."))
    if timezone.is_naive(value):
        value = value.replace(tzinfo=ZoneInfo(zone) if zone else timezone.get_current_timezone())
    return value


def _choice(text, allowed):
    if text not in allowed:
        raise BadInput(_("That is not one of the choices."))
    return text


def _words(text, longest, lines):
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > longest:
        raise BadInput(_("At most %(longest)d characters.") % {"longest": longest})
    allowed = "\n\r\t" if lines else ""
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in allowed for sign in text):
        raise BadInput(_("There are signs in it that cannot be stored."))
    return text
