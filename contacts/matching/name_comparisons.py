"""Comparisons of people's names."""

import numpy as np
from rapidfuzz import fuzz

from crm.matching import names
from crm.matching.comparing import comparison

# Similarities by Jaro-Winkler.
CLOSE_GIVEN, FAIR_GIVEN, WEAK_GIVEN = 0.92, 0.82, 0.65
CLOSE_FAMILY, FAIR_FAMILY = 0.94, 0.85
SWAPPED_GAIN, SWAPPED_LEAST = 0.15, 1.5  # of both names together
UNKNOWN = 0.6  # what a missing name counts for when the two orders are weighed against each other


class NamePairs:
    """How the names of pairs compare, in the order they stand or, where that fits clearly better, swapped."""

    def __init__(self, pairs):
        self.has_given, self.has_family = pairs.both("given"), pairs.both("family")
        self.given, self.family = pairs.alike("given"), pairs.alike("family")
        self.swapped = self._swap(pairs)
        straight = self.has_given & ~self.swapped
        short = straight & pairs.flag("given", "is an initial", _is_initial) & (self.given < 1)
        same_initial = pairs.equal("given_initial")
        self.initial, self.other_initial = short & same_initial, short & ~same_initial
        unequal = straight & ~short & (self.given < 1)
        self.nickname = _nicknames(pairs, unequal)
        self.known = unequal & pairs.flag_both("given", "is a known name", names.is_known)
        self.given_edits = pairs.edits("given", unequal & (self.given < CLOSE_GIVEN) & (self.given > 0.6))
        straight = self.has_family & ~self.swapped & (self.family < 1)
        self.family_edits = pairs.edits("family", straight & (self.family < CLOSE_FAMILY) & (self.family > 0.6))
        self.part = straight & part_of(pairs, "family", straight)

    def _swap(self, pairs):
        differ = (self.given < FAIR_GIVEN) & (self.family < FAIR_FAMILY)
        given, family = pairs.alike("given", differ, other="family"), pairs.alike("family", differ, other="given")
        straight = np.where(self.has_given, self.given, UNKNOWN) + np.where(self.has_family, self.family, UNKNOWN)
        swapped = (given + family > straight + SWAPPED_GAIN) & (given + family > SWAPPED_LEAST)
        self.given, self.family = np.where(swapped, given, self.given), np.where(swapped, family, self.family)
        self.has_given, self.has_family = self.has_given | swapped, self.has_family | swapped
        return swapped


def _is_initial(name):
    return len(name) == 1


def _formal_names(frame):
    """Return (the formal names of each given name, whether these are several)."""
    formal = [*map(names.formal_names, frame["given"].values), frozenset()]
    return formal, np.fromiter((len(found) > 1 for found in formal), bool, len(formal))


def _nicknames(pairs, where):
    """Whether one given name may be a short form of the other, or both of a third."""
    formal, several = pairs.frame.once("formal names", _formal_names)
    (left, *_others), (right, *_others) = pairs.codes("given")
    chosen = np.flatnonzero(where & (several[left] | several[right]))
    short = np.zeros(len(pairs), bool)
    both = zip(left[chosen].tolist(), right[chosen].tolist(), strict=True)
    short[chosen] = [not formal[one].isdisjoint(formal[two]) for one, two in both]
    return short


def part_of(pairs, name, where):
    """Whether all words of the shorter text stand in the longer one ("Frazier" in "Frazier-Hendrix")."""
    several = pairs.flag(name, "has several words", lambda text: " " in text)
    return pairs.alike(name, where & several, scorer=fuzz.token_set_ratio, cutoff=100) >= 100


def compared_names(pairs):
    return pairs.once("names", NamePairs)


def given_levels(pairs):
    """Return {level: mask}; the first that is true holds."""
    compared = compared_names(pairs)
    alike, has = compared.given, compared.has_given
    fair = has & ((alike >= FAIR_GIVEN) | (compared.given_edits <= 2))
    return {
        "same": has & (alike == 1),
        "nickname": compared.nickname,
        "initial": compared.initial,
        "other initial": compared.other_initial,
        "two names": fair & compared.known,
        "close": has & ((alike >= CLOSE_GIVEN) | (compared.given_edits <= 1)),
        "fair": fair,
        "weak": has & (alike >= WEAK_GIVEN),
        "other": has,
    }


def family_levels(pairs):
    """Return {level: mask}; the first that is true holds."""
    compared = compared_names(pairs)
    alike, has = compared.family, compared.has_family
    return {
        "same": has & (alike == 1),
        "close": has & ((alike >= CLOSE_FAMILY) | (compared.family_edits <= 1)),
        "part": compared.part,
        "fair": has & ((alike >= FAIR_FAMILY) | (compared.family_edits <= 2)),
        "other": has,
    }


@comparison("given", "same", "nickname", "initial", "other initial", "two names", "close", "fair", "weak", "other")
def given(pairs):
    return given_levels(pairs).values(), pairs.rarity("given")


@comparison("family", "same", "close", "part", "fair", "other")
def family(pairs):
    return family_levels(pairs).values(), pairs.rarity("family")


TOGETHER = (
    ("other", "other"), ("other", "fair"), ("other", "close"), ("weak", "other"), ("weak", "fair"), ("weak", "close"),
    ("initial", "other"), ("initial", "fair"), ("initial", "close"), ("nickname", "other"), ("same", "other"),
    ("fair", "fair"), ("fair", "close"), ("close", "fair"), ("close", "close"),
)  # fmt: skip


@comparison("names", "swapped", *(f"{one}, {two}" for one, two in TOGETHER))
def together(pairs):
    """What both names say beyond each of them: they may stand in each other's place, or both be misspelt."""
    given_name, family_name = given(pairs), family(pairs)
    given_place = {level: 1 + place for place, level in enumerate(given.levels)}
    family_place = {level: 1 + place for place, level in enumerate(family.levels)}
    masks = [(given_name.codes == given_place[one]) & (family_name.codes == family_place[two]) for one, two in TOGETHER]
    return [compared_names(pairs).swapped, *masks], None


@comparison("further names", "same", "initial", "other")
def further(pairs):
    both, same = pairs.both("further"), pairs.equal("further")
    short = pairs.flag("further", "is an initial", _is_initial)
    return (same, both & short & pairs.equal("further_initial"), both), None


@comparison("generation", "same", "other", "one")
def generation(pairs):
    return (pairs.equal("generation"), pairs.both("generation"), pairs.one("generation")), None


COMPARISONS = (given, family, together, further, generation)
