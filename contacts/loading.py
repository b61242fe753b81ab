"""What follows from the ways to reach somebody, for records that are written many at a time."""

from __future__ import annotations

from contacts.models import EmailAddress, PostalAddress
from crm import loading


def settle(record, parts):
    """Check a new record and its parts, and set what follows: one primary of a sort, country, search words.

    The same as `services.save_with_parts` does for one record, without a query. Raises ValidationError.
    """
    for row in (record, *parts):
        loading.check(row)
    for model in {type(part) for part in parts}:
        same = [part for part in parts if type(part) is model]
        if not any(part.is_primary for part in same):
            same[0].is_primary = True
    record.country = next((p.country.code for p in parts if isinstance(p, PostalAddress) and p.is_primary), "") or ""
    record.words = record.words_with([part.address for part in parts if isinstance(part, EmailAddress)])
