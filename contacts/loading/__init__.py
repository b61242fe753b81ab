"""People and companies that are written many at a time, through the same gate as one."""

from __future__ import annotations

from contacts.reach import EmailAddress, PostalAddress
from crm import loading


def settle(record, parts):
    """Check a new record and its parts, and set what follows: one primary of a sort, country, search words.

    The same as `services.save_with_parts` does for one record, without a query. Raises ValidationError.
    """
    for row in (record, *parts):
        loading.check(row)
    follow(record, parts)


def follow(record, parts):
    """Set what follows from parts that have passed the gate, as `settle` does."""
    for model in {type(part) for part in parts}:
        same = [part for part in parts if type(part) is model]
        if not any(part.is_primary for part in same):
            same[0].is_primary = True
    addresses = (part for part in parts if isinstance(part, PostalAddress) and part.is_primary)
    record.country = next((part.__dict__["country"] for part in addresses), "") or ""
    record.words = record.words_with([part.address for part in parts if isinstance(part, EmailAddress)])
