"""Moments, days and lengths of time as files write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm import standards

NOON = time(12)
"""The time of a talk of which only the day is known: it stays that day in nearly every zone."""
LONGEST = 80  # characters
MOST_MINUTES = 32_767
_CENTURY = 2000
_NAMES = ("en", "de", "fr", "es", "it", "nl", "pt", "nb", "sv", "da", "fi", "pl")
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 60, "ist": 330, "cet": 60, "cest": 120, "mez": 60, "mesz": 120,
    "eet": 120, "eest": 180, "msk": 180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420,
}  # fmt: skip
"""Minutes before UTC."""
_ISO = re.compile(r"(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)(?=$|[T\s,])")
_NUMBERS = re.compile(r"(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}|\d\d)(?=$|[T\s,])")
_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:\.|st|nd|rd|th)?[\s-]+(?:de\s)?([^\W\d_]{3,12})\.?,?[\s-]+(?:de\s)?(\d{4}|\d\d)(?=$|[T\s,])"
)
_MONTH_FIRST = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?=$|[T\s,])")
_WEEKDAY = re.compile(r"^[^\W\d_]{2,12}\.?,?\s+(?=\d|[^\W\d_]{3,12}\.?\s+\d)")
_TIME = re.compile(
    r"(\d{1,2})(?:[:.h](\d\d)(?:[:.](\d\d)(?:[.,]\d{1,9})?)?)?\s*(?:([ap])\.?\s?m\.?|uhr|h)?", re.IGNORECASE
)
_COMPACT = re.compile(r"(\d\d)(\d\d)(\d\d)?(?=$|Z|[+-])")
_MIDNIGHT = re.compile(r"00?:00(:00(\.0+)?)?")  # how programs write a day of which they know no time
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])(\d\d):?(\d\d)?", re.IGNORECASE)
_EPOCH = re.compile(r"\d{10}(\d{3})?$")
_BETWEEN = re.compile(r"^(?:\s+(?:at|um|à|kl\.?|alle|a las)\s+|[T,\s]+)", re.IGNORECASE)


class NoTime(ValidationError):
    """What stands in the column of times is no time of day."""


def moment(text, order, zone, clock=""):
    """Return (aware moment, whether its time is known) of a text in any usual form; without a time it is noon.

    `order`: "dmy" or "mdy", for days of which month and day cannot be told apart. `zone`: of what names no other.
    `clock`: a time that stands in a column of its own. Raises ValidationError, NoTime where that is none.
    """
    text = standards.line(text)
    if _EPOCH.match(text):
        return standards.day(datetime.fromtimestamp(int(text[:10]), UTC)), True
    found, rest = _day(text, order)
    rest, clock = _BETWEEN.sub("", rest).strip(), standards.line(clock)
    if clock and _MIDNIGHT.fullmatch(rest):
        rest = ""
    if not (rest or clock):
        return datetime.combine(found, NOON, zone), False
    at, offset = _clock(rest) if rest else _beside(clock)
    return datetime.combine(found, at, zone if offset is None else timezone(offset)), True


def _beside(clock):
    try:
        return _clock(clock)
    except ValidationError as error:
        raise NoTime(error) from None


def looks_like_moment(text):
    """Whether a text begins with a day."""
    try:
        _day(standards.line(text[:LONGEST]), "dmy")
    except ValidationError:
        return False
    return True


def _day(text, order):
    """Return (day, what stands after it)."""
    if len(text) > LONGEST:
        raise ValidationError(_("No date such as 31.12.2026 14:30 or 2026-12-31 14:30"))
    if not _MONTH_FIRST.match(text):
        text = _WEEKDAY.sub("", text)
    if found := _ISO.match(text):
        return _date(*map(int, found.groups())), text[found.end() :]
    if found := _NUMBERS.match(text):
        first, sign, second, year = found.groups()
        one, two = int(first), int(second)
        month_first = two > 12 or (order == "mdy" and one <= 12 and sign != ".")
        return _date(_year(year), *((one, two) if month_first else (two, one))), text[found.end() :]
    if found := _DAY_FIRST.match(text):
        return _date(_year(found[3]), _month(found[2]), int(found[1])), text[found.end() :]
    if found := _MONTH_FIRST.match(text):
        return _date(int(found[3]), _month(found[1]), int(found[2])), text[found.end() :]
    raise ValidationError(_("No date such as 31.12.2026 14:30 or 2026-12-31 14:30"))


def _date(year, month, number):
    try:
        return standards.day(date(year, month, number))
    except ValueError:
        raise ValidationError(_("No such day")) from None


def _year(text):
    return int(text) + (_CENTURY if len(text) == 2 else 0)


def _month(name):
    try:
        return _months()[standards.sort_key(name)[:12].strip(".")]
    except KeyError:
        raise ValidationError(_("No such month")) from None


@cache
def _months():
    """Return {name of a month in one of some languages, without accents: its number}."""
    found: dict[str, int] = {}
    for language in _NAMES:
        for width in ("wide", "abbreviated"):
            for number, name in Locale(language).months["format"][width].items():
                found.setdefault(standards.sort_key(name).strip("."), number)
    return found | {"sept": 9, "jan": 1, "mrz": 3}


def _clock(text):
    """Return (time, timedelta before UTC or None where no zone is named)."""
    found = _COMPACT.match(text) or _TIME.match(text)
    if found is None:
        raise ValidationError(_("No time such as 14:30"))
    hour, minute, second, *half = found.groups()
    number = int(hour)
    if half and half[0]:
        if number > 12:
            raise ValidationError(_("No time such as 14:30"))
        number = number % 12 + 12 * (half[0].lower() == "p")
    try:
        at = time(number, int(minute or 0), int(second or 0))
    except ValueError:
        raise ValidationError(_("No time such as 14:30")) from None
    return at, _offset(text[found.end() :].strip())


def _offset(text):
    text = text.split("(")[0].strip()
    if not text:
        return None
    if found := _OFFSET.fullmatch(text):
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        if minutes < 24 * 60:
            return timedelta(minutes=-minutes if found[1] == "-" else minutes)
    if text.lower() in _ZONES:
        return timedelta(minutes=_ZONES[text.lower()])
    raise ValidationError(_("No time zone such as +01:00"))


_LENGTH = re.compile(
    r"(?:(\d+(?:[.,]\d+)?)\s*h[a-z]*\.?)?\s*(?:(\d+(?:[.,]\d+)?)\s*m[a-z]*\.?)?\s*(?:(\d+)\s*s[a-z]*\.?)?",
    re.IGNORECASE,
)
_COLONS = re.compile(r"(\d{1,4}):(\d\d)(?::(\d\d))?")
MILLISECONDS_FROM = 36_000  # of a call nobody speaks ten hours


def minutes(text, *, seconds=False):
    """Return a length of time in whole minutes: "30", "0:30", "00:30:00", "1 h 30 min". Raises ValidationError.

    `seconds`: a plain number counts seconds (or milliseconds, where it is large), and two with a colon are minutes and
    seconds. What is more than nothing is one minute at least.
    """
    text = standards.line(text)[:LONGEST]
    plain = text.replace(",", ".")
    if found := _COLONS.fullmatch(text):
        first, second, third = (int(one or 0) for one in found.groups())
        whole = first * 60 + second if seconds and found[3] is None else first * 3600 + second * 60 + third
    elif re.fullmatch(r"\d{1,12}(\.\d{1,6})?", plain):
        number = float(plain)
        whole = (number / 1000 if number >= MILLISECONDS_FROM else number) if seconds else number * 60
    elif (found := _LENGTH.fullmatch(text)) and any(found.groups()):
        first, second, third = (float((one or "0").replace(",", ".")) for one in found.groups())
        whole = first * 3600 + second * 60 + third
    else:
        raise ValidationError(_("No length of time such as 30 or 0:30"))
    rounded = round(whole / 60) or int(whole > 0)
    if rounded > MOST_MINUTES:
        raise ValidationError(_("Too long"))
    return rounded
