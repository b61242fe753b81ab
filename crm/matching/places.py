"""Streets, postcodes, countries and days of birth, brought into parts that can be compared."""

import re
from functools import lru_cache

from crm.matching.vocabulary import COUNTRIES, PARTS_OF_HOUSES, SHORT_FORMS_IN_STREETS
from crm.matching.words import WORD, folded, is_placeholder, plain

LONG_ZIP = len("12345-6789")
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})")
_YEAR_LAST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{2,4})$")
_MONTH_FIRST = re.compile(r"^([A-Z][a-z]{2})[a-z]*\.?[- ]+(\d{1,2})(?:St|Nd|Rd|Th)?,?[- ]+(\d{2,4})$")
_MONTH_SECOND = re.compile(r"^(\d{1,2})(?:St|Nd|Rd|Th)?\.?[- ]*([A-Z][a-z]{2})[a-z]*\.?,?[- ]*(\d{2,4})$")
_MONTHS = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11,
    "Dec": 12,
}  # fmt: skip
_TOWN = re.compile(r"^\s*(?:([^\d,]{3,}?),?\s*)??\b([A-Z]{2})?\b\s*(\d{5}(?:-\d{4})?)?\s*$")
_CODE_AND_TOWN = re.compile(r"^\s*(\d{4,5})\s+([^\d,]{3,})$")
_INSIDE_WORDS = str.maketrans("", "", ".'")
_LONG_ZIP = re.compile(r"^(\d{5})-\d{4}$")


def line(text):
    """Return (street, city, state, postcode) of an address in one line; "" for what does not stand in it.

    Read are "123 Main Street, Las Vegas NV 89132" and "Hauptstr. 5, 10115 Berlin".
    """
    before, comma, after = text.partition(",")
    if comma and (found := _CODE_AND_TOWN.match(after)):
        return before, found[2], "", found[1]
    if comma and (found := _TOWN.match(after)) and (found[2] or found[3]):
        return before, found[1] or "", found[2] or "", found[3] or ""
    return text, "", "", ""


def street(text):
    """Return (name of the street, house number, flat) of the line of an address."""
    if is_placeholder(text):
        return "", "", ""
    words = iter(WORD.findall(folded(text).translate(_INSIDE_WORDS)))
    name, number, flat = [], "", ""
    for written in words:
        word = _whole(written)
        if word in PARTS_OF_HOUSES:
            flat = next(words, "")
            if not flat:
                name.append(word)
        elif word[:1].isdigit() and not number:
            number = word
        elif word:
            name.append(word)
    return " ".join(name), number, flat


@lru_cache(maxsize=65536)
def _whole(word):
    if word in SHORT_FORMS_IN_STREETS:
        return SHORT_FORMS_IN_STREETS[word]
    for ending in ("strasse", "str"):
        if len(word) > len(ending) + 2 and word.endswith(ending):
            return word.removesuffix(ending) + "street"
    return word


def postcode(text):
    """Return a postcode's letters and digits; of a US one the first five."""
    if is_placeholder(text):
        return ""
    code = text.strip()
    code = _LONG_ZIP.sub(r"\1", code) if len(code) == LONG_ZIP else code
    return code.lower() if code.isascii() and code.isalnum() else "".join(WORD.findall(code.lower()))


def country(text):
    """Return a country's code where its name is known, else its name."""
    name = plain(text)
    return COUNTRIES.get(name, name)


def birth_date(text):
    """Return a day as YYYYMMDD, also an impossible one (a typing error is evidence); "" for what is no day.

    1978-12-11, 11/12/1978, Dec 11 1978 and 11-Dec-78 are read; where day and month cannot be told apart, the month
    comes first.
    """
    text = text.strip()
    if match := _YEAR_FIRST.match(text):
        year, month, day = map(int, match.groups())
    elif match := _YEAR_LAST.match(text):
        month, day, year = map(int, match.groups())
        month, day = (day, month) if month > 12 else (month, day)
    elif (match := _MONTH_FIRST.match(text.title())) and match[1] in _MONTHS:
        month, day, year = _MONTHS[match[1]], int(match[2]), int(match[3])
    elif (match := _MONTH_SECOND.match(text.title())) and match[2] in _MONTHS:
        day, month, year = int(match[1]), _MONTHS[match[2]], int(match[3])
    else:
        return ""
    year += 1900 if year < 100 else 0
    return f"{year:04}{month:02}{day:02}"
