"""Streets, postcodes, countries and days of birth, brought into parts that can be compared."""

import re
from functools import lru_cache

from crm.matching.vocabulary import COUNTRIES, PARTS_OF_HOUSES, SHORT_FORMS_IN_STREETS
from crm.matching.words import WORD, folded, is_placeholder, plain

LONG_ZIP = len("12345-6789")
_YEAR_FIRST = re.compile(r"^(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})")
_YEAR_LAST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{2,4})$")
_INSIDE_WORDS = str.maketrans("", "", ".'")
_LONG_ZIP = re.compile(r"^(\d{5})-\d{4}$")


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

    1978-12-11 and 11/12/1978 are read; where day and month cannot be told apart, the month comes first.
    """
    text = text.strip()
    if match := _YEAR_FIRST.match(text):
        year, month, day = map(int, match.groups())
    elif match := _YEAR_LAST.match(text):
        month, day, year = map(int, match.groups())
        month, day = (day, month) if month > 12 else (month, day)
        year += 1900 if year < 100 else 0
    else:
        return ""
    return f"{year:04}{month:02}{day:02}"
