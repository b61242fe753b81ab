"""Comparisons of contact points, workplaces, addresses and what else records of people and companies hold."""

import numpy as np
from rapidfuzz.distance import OSA

from contacts.matching.name_comparisons import part_of
from crm.matching.comparing import comparison
from crm.matching.contact_points import SHARED

CLOSE_LOCAL_PART = 0.92
CLOSE_COMPANY, CLOSE_DOMAIN_NAME = 0.93, 0.88
CLOSE_STREET, FAIR_STREET = 0.9, 0.6
CLOSE_CITY, CLOSE_JOB = 0.88, 0.93
CLOSE_NUMBER, CLOSE_POSTCODE = 0.88, 0.8
CLOSE_BIRTH, HALF_BIRTH = 0.85, 0.7


@comparison(
    "e-mail", "free", "own", "shared", "near", "local part", "domain", "shared at domain", "other free", "both free",
    "other",
)  # fmt: skip
def email(pairs):
    both, same, domain = pairs.both("email"), pairs.equal("email"), pairs.equal("domain")
    shared, free = pairs.is_a("mail_kind", SHARED), pairs.equal("free_mail")
    near = both & ~same & domain & ~shared & (pairs.alike("local", both & domain & ~same) >= CLOSE_LOCAL_PART)
    local = both & ~domain & ~shared & pairs.equal("local")
    masks = (
        same & free,
        same & ~shared,
        same,
        near,
        local,
        domain & ~free & ~shared,
        domain & shared,
        domain,
        free,
        both,
    )
    return masks, pairs.rarity_of(pairs.shared("email"))


def phone_masks(pairs):
    """Return {level: mask} of what numbers that are not the same have in common."""
    todo = pairs.both("number") & ~pairs.equal("number")
    switchboard = todo & pairs.equal("exchange")
    todo &= ~switchboard
    near = pairs.alike("number", todo, scorer=OSA.normalized_similarity, cutoff=CLOSE_NUMBER) > 0
    return {"switchboard": switchboard, "near": todo & near}


@comparison("phone", "mobile", "same", "crossed", "switchboard", "near", "other mobile", "other")
def phone(pairs):
    same, partly = pairs.equal("number"), phone_masks(pairs)
    masks = (pairs.equal("mobile"), pairs.equal("phone"), same, partly["switchboard"], partly["near"])
    return (*masks, pairs.both("mobile") & ~same, pairs.both("number")), pairs.rarity_of(pairs.shared("number"))


@comparison("second phone", "same", "other mobile")
def second_phone(pairs):
    other = pairs.both("mobile") & pairs.equal("number") & ~pairs.equal("mobile")
    return (pairs.shared_texts("number") >= 2, other), None


@comparison("workplace", "same", "near", "part", "domain", "domain's name", "other")
def workplace(pairs):
    """Company, its domain and its name in a domain are one comparison: they say one thing, that two work together."""
    both, same = pairs.both("company"), pairs.equal("company")
    domain = pairs.equal("firm_domain") & ~pairs.equal("email")  # that it is in the same e-mail says nothing more
    near = both & ~same & (pairs.equal("company_words") | (pairs.alike("company", both & ~same) >= CLOSE_COMPANY))
    part = both & ~same & ~near & part_of(pairs, "company", both & ~same & ~near)
    todo = ~same & ~near & ~part & ~domain
    named = [pairs.alike(one, todo, other=two) for one, two in (_NAMES, _NAMES[::-1])]
    masks = (same, near, part, domain, np.maximum(*named) >= CLOSE_DOMAIN_NAME, both)
    known = same | near | part
    shared = np.where(known, pairs.rarity("company"), pairs.rarity_of(pairs.shared("firm_domain")))
    return masks, shared


_NAMES = ("company_squashed", "domain_name")


@comparison("street", "same", "near", "number", "other")
def street(pairs):
    both, house, same_house = pairs.both("street"), pairs.both("house"), pairs.equal("house")
    alike = pairs.alike("street", both)
    fits = ~house | same_house | (pairs.alike("house", house & ~same_house, scorer=OSA.normalized_similarity) >= 0.5)
    same = both & (alike == 1) & same_house
    near = both & (alike >= CLOSE_STREET) & fits
    masks = (same, near, both & same_house & (alike > FAIR_STREET), both)
    return masks, np.where(same, pairs.rarity("address"), 0)


@comparison("postcode", "beside the street", "same", "near", "other")
def postcode(pairs):
    both, same = pairs.both("postcode"), pairs.equal("postcode")
    near = both & ~same & (
        pairs.equal("postcode_area")
        | (pairs.alike("postcode", both & ~same, scorer=OSA.normalized_similarity) >= CLOSE_POSTCODE)
    )  # fmt: skip
    street_too = street(pairs).codes == 1
    return (same & street_too, same, near, both), pairs.rarity_of(pairs.shared("postcode"))


@comparison("city", "beside the postcode", "same", "near", "other")
def city(pairs):
    both, same = pairs.both("city"), pairs.equal("city")
    near = both & ~same & (pairs.alike("city", both & ~same) >= CLOSE_CITY)
    return (same & pairs.equal("postcode"), same, near, both), pairs.rarity_of(pairs.shared("city"))


@comparison("state", "same", "other")
def state(pairs):
    return (pairs.equal("state"), pairs.both("state")), None


@comparison("country", "same", "other")
def country(pairs):
    return (pairs.equal("country"), pairs.both("country")), None


@comparison("job", "same", "other")
def job(pairs):
    both, same = pairs.both("job"), pairs.equal("job")
    close = same | (both & (pairs.alike("job", both & ~same) >= CLOSE_JOB))
    return (close, both), np.where(close, pairs.rarity("job"), 0)


@comparison("birth", "same", "near", "half", "other")
def birth(pairs):
    both = pairs.both("birth")
    alike = pairs.alike("birth", both, scorer=OSA.normalized_similarity)
    return (pairs.equal("birth"), both & (alike >= CLOSE_BIRTH), both & (alike >= HALF_BIRTH), both), None


@comparison("web site", "same", "other")
def website(pairs):
    return (pairs.equal("site"), pairs.both("site")), pairs.rarity_of(pairs.shared("site"))


PLACES = (street, postcode, city, state, country)
