"""Duplicates among stored records: blocking keys and suggestions kept beside them, found by crm.matching.

An app says in its duplicates.py how its records are read: `duplicates.register(Kind(1, Person, PERSON, read_people))`.
Whoever writes what a record is matched by says so in the same transaction: `duplicates.keep(Person, [person.pk])`.
`duplicates.likely(Person, columns, user)` tells, while somebody types, whom it may be; crm.lookalikes has it for forms.
Pages show `Suggestion.objects.waiting().editable_by(user, kind)` with `duplicates.told(suggestion)`, and say
`answer_together`.
"""

from crm.duplicates.bringing import likely_many
from crm.duplicates.counting import SETTLED
from crm.duplicates.full_run import Looked, help_with, match_all, without_keys
from crm.duplicates.keeping import keep, take_turns
from crm.duplicates.kinds import Kind, kind_of, kinds, numbered, register
from crm.duplicates.learning import in_use
from crm.duplicates.looking import Likely, likely, stored
from crm.duplicates.rows import BuiltKeys, MatchCount, MatchKey, Suggestion
from crm.duplicates.suggesting import (
    Answered,
    answer,
    answer_together,
    compared,
    forget_answers,
    match,
    note,
    one_at_a_time,
    reopen_among,
    settle_among,
    settled,
    take_back,
    told_apart,
)
from crm.duplicates.telling import Told, told

__all__ = [
    "SETTLED",
    "Answered",
    "BuiltKeys",
    "Kind",
    "Likely",
    "Looked",
    "MatchCount",
    "MatchKey",
    "Suggestion",
    "Told",
    "answer",
    "answer_together",
    "compared",
    "forget_answers",
    "help_with",
    "in_use",
    "keep",
    "kind_of",
    "kinds",
    "likely",
    "likely_many",
    "match",
    "match_all",
    "note",
    "numbered",
    "one_at_a_time",
    "register",
    "reopen_among",
    "settle_among",
    "settled",
    "stored",
    "take_back",
    "take_turns",
    "told",
    "told_apart",
    "without_keys",
]
