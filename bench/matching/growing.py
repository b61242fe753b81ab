"""A larger set out of a labelled one: copies whose people are other people, so that no truth is made up.

In each copy the letters of rare names and of all companies and their domains are exchanged for others, and the digits
of numbers, postcodes and house numbers; common names, jobs and cities are exchanged for others about as common; private
mail boxes end with the number of the copy. What was alike in the original is as alike in the copy, and nobody in one
copy is somebody in another; agreement by chance grows with the file as it does in life. In life, though, a list ten
times as long names more cities, too.
"""

import csv
import random
import re
from collections import Counter

from bench.matching.sets import LabelledSet, rows
from crm.matching.contact_points import domain_name
from crm.matching.vocabulary import FREE_MAIL, LEGAL_FORMS

COMMON, BAND = 40, 25  # records of the original that hold a word which many share; words exchanged for one another
CONSONANTS, VOWELS, DIGITS = "bcdfghjklmnprstvwz", "aeiou", "23456789"
DIGIT_COLUMNS = ("phone", "mobile", "postcode", "street")
LETTER_COLUMNS = ("given_name", "family_name", "street")
WHOLE = ("job_title", "city")
_WORD = re.compile(r"[A-Za-z]+")
_TRUNK = re.compile(r"^(\+\d{1,2}|00\d\d|0)")


def grown(original, times, place):
    """Return the LabelledSet of `times` copies, written into the directory `place`; the first is the original."""
    people = list(rows(original.files[0]))
    often = common_words(people)
    wholes = {name: [text for text, _count in Counter(row[name] for row in people).most_common()] for name in WHOLE}
    file, truth = place / "larger.csv", place / "larger_truth.csv"
    with file.open("w", newline="") as records, truth.open("w", newline="") as clusters:
        writer, labels = csv.DictWriter(records, list(people[0])), csv.writer(clusters)
        writer.writeheader()
        labels.writerow(("id", "cluster"))
        for copy in range(times):
            change = changed(copy, often, wholes)
            for person in people:
                writer.writerow(change(person) | {"id": f"{copy}-{person['id']}"} if copy else person)
                labels.writerow(
                    (f"{copy}-{person['id']}" if copy else person["id"], f"{copy}-{original.clusters[person['id']]}")
                )
    return LabelledSet(f"larger ({times} x {original.name})", (file,), truth)


def common_words(people):
    """Return the words of names and addresses that many records hold, in lower case, the commonest first."""
    counts = Counter()
    for person in people:
        counts.update({word.lower() for name in (*LETTER_COLUMNS, "email") for word in _WORD.findall(person[name])})
    return [word for word, count in counts.most_common() if count >= COMMON]


def changed(copy, often, wholes):
    """Return the function that makes a person of the original the person of this copy."""
    chance = random.Random(copy)
    letters = {**_exchange(CONSONANTS, chance), **_exchange(VOWELS, chance)}
    letters |= {one.upper(): two.upper() for one, two in letters.items()}
    words = _banded(often, chance)
    whole = {name: _banded(values, chance) for name, values in wholes.items()}
    letters, digits = str.maketrans(letters), str.maketrans(_exchange(DIGITS, chance))

    def rare(match):
        word = words.get(match[0].lower())
        return match[0].translate(letters) if word is None else word.title() if match[0].istitle() else word

    def all_but_legal_form(match):
        return match[0] if match[0].lower() in LEGAL_FORMS else match[0].translate(letters)

    def change(person):
        new = dict(person)
        for name in LETTER_COLUMNS:
            new[name] = _WORD.sub(rare, new[name])
        for name, others in whole.items():
            new[name] = others[new[name]]
        new["company"] = _WORD.sub(all_but_legal_form, new["company"])
        new["email"] = address(new["email"])
        for name in DIGIT_COLUMNS:
            trunk = _TRUNK.match(new[name]) if name in ("phone", "mobile") else None
            kept = trunk[0] if trunk else ""
            new[name] = kept + new[name][len(kept) :].translate(digits)
        return new

    def address(text):
        local, at, domain = text.partition("@")
        local = _WORD.sub(rare, local).translate(digits)
        if "." not in domain:
            return text
        if domain_name(domain.lower()) in FREE_MAIL:
            return f"{local}{copy}@{domain}"
        name, dot, ending = domain.rpartition(".")
        return f"{local}{at}{name.translate(letters)}{dot}{ending}"

    return change


def _exchange(letters, chance):
    shuffled = list(letters)
    chance.shuffle(shuffled)
    return dict(zip(letters, shuffled, strict=True))


def _banded(texts, chance):
    """Return {text: another about as common}; the texts stand in the order of how common they are, "" stays."""
    found = {}
    for first in range(0, len(texts), BAND):
        band = [text for text in texts[first : first + BAND] if text]
        found.update(zip(band, chance.sample(band, len(band)), strict=True))
    return {**found, "": ""}
