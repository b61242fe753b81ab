"""Merging records, and taking merges apart.

`merging.merge(Person, [1, 2], picks={...}, by=user)` returns the act; `merging.unmerge(act, by=user)` takes it apart.
`merging.living(Person, pk)` is the id of the record that an old id leads to: for whatever comes with ids from outside.

An app says in its merging.py what of its own can be merged: `merging.register(Mergeable(Person, ...))`, and what
becomes of its rows when others' records are: `merging.collision(...)`, `merging.reference(...)`, `merging.along(...)`;
above a model with a foreign key to such records stands `@follows_merges("person")`. A check finds what was forgotten.
"""

from crm.merging.choosing import survivor_of
from crm.merging.joining import KIND, MOST, Gone, Refused, Stale, merge
from crm.merging.parting import NOT_YOURS, merges_of, model_of, parted_before, unmerge
from crm.merging.proposing import ANSWERED, BOUNCED, VERIFIED, Proof
from crm.merging.references import follows_merges
from crm.merging.registry import (
    HISTORY,
    MOVED,
    REBUILT,
    Field,
    Mergeable,
    Reached,
    United,
    along,
    along_of,
    collision,
    mergeable,
    mergeables,
    proof,
    reference,
    register,
    reversal_page,
    reversal_url,
)
from crm.merging.relations import every, relations_of
from crm.merging.telling import merged_into, merges, open_acts
from crm.tombstones import living, living_of

__all__ = [
    "ANSWERED",
    "BOUNCED",
    "HISTORY",
    "KIND",
    "MOST",
    "MOVED",
    "REBUILT",
    "NOT_YOURS",
    "Field",
    "Gone",
    "Mergeable",
    "Proof",
    "Reached",
    "Refused",
    "Stale",
    "United",
    "VERIFIED",
    "along",
    "along_of",
    "collision",
    "every",
    "follows_merges",
    "living",
    "living_of",
    "merge",
    "mergeable",
    "mergeables",
    "merged_into",
    "merges",
    "merges_of",
    "model_of",
    "open_acts",
    "parted_before",
    "proof",
    "reference",
    "register",
    "relations_of",
    "reversal_page",
    "reversal_url",
    "survivor_of",
    "unmerge",
]
