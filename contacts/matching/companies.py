"""How companies are matched: standard columns, blocking keys, comparisons."""

from pathlib import Path

import numpy as np
from rapidfuzz import fuzz

from contacts.matching import comparisons, reading
from contacts.matching.name_comparisons import part_of
from crm.matching.blocking import BlockingKey
from crm.matching.columns import Column
from crm.matching.comparing import comparison
from crm.matching.contact_points import site
from crm.matching.finding import Specification
from crm.matching.words import sorted_letters, sound, squashed

WORDS = 4  # of a name, by each of which it is looked up
CLOSE_NAME, FAIR_NAME, WEAK_NAME = 95, 82, 65  # token sort ratio


def standard(columns):
    """Return the standard columns of companies from {name of `reading.COLUMNS`: slots of n texts}."""
    found = {
        **reading.emails(columns),
        **reading.numbers(columns),
        **reading.company(columns),
        **reading.address(columns),
        "site": reading.read(columns, "website", site),
    }
    found["word"] = _words(found["company"])
    return found


def _words(names):
    """The first words of each name, one a slot; caps leave out the common ones."""
    words = [name.split() for name in names.texts]
    slots = [[found[slot] if slot < len(found) else "" for found in words] for slot in range(WORDS)]
    return Column.of(*(np.array(texts, object)[names.codes[0]].tolist() for texts in slots))


def _beginning(length):
    return lambda text: text[:length]


DERIVATIONS = {
    "name_beginning": ("company_squashed", _beginning(5)),
    "name_sound": ("company", lambda name: " ".join(sound(word) for word in name.split()[:2])),
    "word_sound": ("word", sound),
    "street_beginning": ("street", lambda name: squashed(name)[:7]),
    "postcode_area": ("postcode", lambda code: code[:3] if len(code) > 3 else ""),
    "postcode_letters": ("postcode", sorted_letters),
    "exchange": ("number", lambda number: number[:6] if len(number) > 7 else ""),
}

KEYS = (
    BlockingKey("words", ("company_words",)),
    BlockingKey("sounds", ("name_sound",)),
    BlockingKey("number", ("number",)),
    BlockingKey("domain", ("firm_domain",)),
    BlockingKey("e-mail", ("email",)),
    BlockingKey("site", ("site",), cap=20),
    BlockingKey("word", ("word",), cap=20),
    BlockingKey("word's sound, city", ("word_sound", "city")),
    BlockingKey("word's sound, postcode", ("word_sound", "postcode")),
    BlockingKey("word's sound, house", ("word_sound", "house")),
    BlockingKey("beginning, city", ("name_beginning", "city")),
    BlockingKey("beginning, postcode", ("name_beginning", "postcode_letters")),
    BlockingKey("address", ("street_beginning", "house"), cap=30),
    BlockingKey("beginning, exchange", ("name_beginning", "exchange")),
)


@comparison("company", "same", "near", "part", "fair", "word", "weak", "other")
def name(pairs):
    both, same = pairs.both("company"), pairs.equal("company_words")
    todo = both & ~same
    alike = pairs.alike("company", todo, scorer=fuzz.token_sort_ratio)
    joined = todo & pairs.equal("company_squashed")
    near, part, fair = joined | (alike >= CLOSE_NAME), part_of(pairs, "company", todo), alike >= FAIR_NAME
    word = pairs.shared("word")
    masks = (same, near, part, fair, word > 0, alike >= WEAK_NAME)
    by_word = (word > 0) & ~(same | near | part | fair)
    rarity = np.where(by_word, pairs.rarity_of(word), np.where(both, pairs.rarity("company"), 0))
    return (*(both & mask for mask in masks), both), rarity


@comparison("phone", "same", "switchboard", "near", "other")
def phone(pairs):
    same = pairs.equal("number")
    masks = comparisons.phone_masks(pairs)
    return (same, masks["switchboard"], masks["near"], pairs.both("number")), pairs.rarity_of(pairs.shared("number"))


@comparison("e-mail", "same", "domain", "other")
def email(pairs):
    both = pairs.both("email")
    domain = pairs.equal("firm_domain")
    return (pairs.equal("email"), domain, both), pairs.rarity_of(pairs.shared("firm_domain"))


COMPANY = Specification(
    kind="company",
    standard=standard,
    derivations=DERIVATIONS,
    keys=KEYS,
    counted=("company", "word", "number", "firm_domain", "address", "postcode", "city", "site"),
    comparisons=(name, phone, email, comparisons.website, *comparisons.PLACES),
    strong=("words", "number", "e-mail", "site"),
    weights_file=Path(__file__).with_name("company_weights.json"),
    certain=0.9999,  # of certain pairs at .999 one in forty was wrong on the labelled sets
)
