"""Pairs that are certain, and answers to such pairs, for tests."""

from itertools import count

from django.utils import timezone

from contacts.matching.people import PERSON
from contacts.models import Company, Person
from crm import duplicates
from crm.duplicates import Suggestion
from quality import services
from tests.factories import contacts

_numbers = count(1)
NOBODY = 10**12  # ids from here on are of no record
GIVEN = (
    "Oddveig", "Chukwuemeka", "Brigitte", "Haruto", "Maeve", "Thandiwe", "Søren", "Itziar", "Zofia", "Spyridon",
    "Lakshmi", "Duarte", "Ingeborg", "Wolfgang", "Esperanza", "Mehmet",
)  # fmt: skip
"""Names unlike one another: whose families differ is nobody's double."""


def answers(by, *, same=0, not_same=0, kind=1, weight=9.0):
    """Write answers to pairs that weighed so much, of records that are there no more."""
    size = len(PERSON.comparisons)
    said = [Suggestion.State.SAME] * same + [Suggestion.State.NOT_SAME] * not_same
    rows = []
    for state in said:
        left = NOBODY + 2 * next(_numbers)
        rows.append(
            Suggestion(
                kind=kind, left=left, right=left + 1, weight=weight, answered_weight=weight, levels=bytes(size),
                rarities=bytes(4 * size), state=state, answered_at=timezone.now(), answered_by=by,
            )
        )  # fmt: skip
    return Suggestion.objects.bulk_create(rows)


def twins(owner, family="Brunello", *, number=2, other=None, **fields):
    """Write records of one person that are certain to be one, all but the first held by `other` if that is said."""
    number_of = sum(place * ord(sign) for place, sign in enumerate(family, 1))
    name = GIVEN[number_of % len(GIVEN)]
    given = {"given_name": name, "family_name": family, "phones": [f"+47 412 {number_of % 90_000 + 10_000}"]}
    given |= {"emails": [f"{family.lower()}@{family.lower()}.example"], "job_title": f"Works at {family}", **fields}
    return [contacts.person(other if at and other else owner, **given) for at in range(number)]


def found(*models):
    """Have all records compared."""
    for model in models or (Person, Company):
        duplicates.match_all(model)


def switched_on(by, *, kind=None, **options):
    """Let people answer enough, and switch it on for people."""
    answers(by, same=400)
    return services.switch(kind=kind or duplicates.kind_of(Person), on=True, by=by, **options)
