"""Names of people, brought into parts that can be compared."""

import re
from functools import lru_cache

from nicknames import NickNamer

from crm.matching.vocabulary import FORMS_OF_ADDRESS, GENERATIONS, PARTICLES, WORD_LISTS
from crm.matching.words import WORD, folded, is_placeholder

_DOUBLED = re.compile(r"(?<=[aou])e|(?<=a)a")
_nicknames = NickNamer()


def _more_formal_names():
    formal = {}
    for line in WORD_LISTS.joinpath("short_names.txt").read_text().splitlines():
        name, short_names = line.split(":")
        for short in short_names.split():
            formal.setdefault(folded_name(short), set()).add(folded_name(name))
    return formal


def folded_name(text):
    """Return a name folded so that Müller, Mueller and Muller, Ångström and Aangstrom are one."""
    return _DOUBLED.sub("", folded(text).replace("'", "").replace("\u2019", ""))


def given_name(text):
    """Return (first name, further names, generation) of a field with given names; "" for what is not there."""
    words, generation = _words(text)
    return (words[0], " ".join(words[1:]), generation) if words else ("", "", "")


def family_name(text):
    """Return (family name, generation) of a field with a family name."""
    words, generation = _words(text)
    return " ".join(words), generation


def full_name(text):
    """Return (first name, further names, family name, generation) of a whole name in one field.

    "Fogazzaro, Chiara" gives the family name first; particles belong to the family name ("Ron van Nes").
    """
    before, comma, after = text.partition(",")
    if comma and WORD.search(folded(after)) and folded(after).strip(" .") not in GENERATIONS:
        first, further, generation = given_name(after)
        family, other = family_name(before)
        return first, further, family, generation or other
    words, generation = _words(text)
    if len(words) < 2:
        return "", "", "".join(words), generation
    split = len(words) - 1
    while split > 1 and words[split - 1] in PARTICLES:
        split -= 1
    return words[0], " ".join(words[1:split]), " ".join(words[split:]), generation


def _words(text):
    if is_placeholder(text):
        return [], ""
    words, generation = WORD.findall(folded_name(text)), ""
    while len(words) > 1 and words[0] in FORMS_OF_ADDRESS:
        del words[0]
    if len(words) > 1 and words[-1] in GENERATIONS:
        generation = GENERATIONS[words.pop()]
    return words, generation


_others = _more_formal_names()
_formal = frozenset().union(*_others.values())


@lru_cache(maxsize=65536)
def formal_names(name):
    """Return the set of names that this may be a short form of, itself among them ("bob" -> {"bob", "robert", ...}).

    Sources: the `nicknames` package (carltonnorthern/nicknames, Apache-2.0) for English, word_lists for others.
    """
    if len(name) < 2:
        return frozenset({name})
    return frozenset({name, *_nicknames.canonicals_of(name), *_others.get(name, ())})


@lru_cache(maxsize=65536)
def is_known(name):
    """Return whether this is a given name of the lists: two of them that are alike need not be a misspelling."""
    return name in _others or name in _formal or bool(_nicknames.canonicals_of(name) or _nicknames.nicknames_of(name))


def first_formal_name(name):
    """Return the first of the formal names in the order of the alphabet, the name itself if there is none."""
    return min(formal_names(name) - {name}, default=name)


def last_formal_name(name):
    """Return the last of several formal names; "" where there is none but the first."""
    others = formal_names(name) - {name}
    return max(others) if len(others) > 1 else name if others else ""
