"""People and companies for tests, saved through the gate together with the ways to reach them."""

from itertools import count

from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from contacts.services import save_with_parts

_numbers = count(1)


def person(owner=None, *, emails=(), phones=(), addresses=(), region=None, **fields):
    """Return a saved person; the first e-mail, phone and address are primary. `addresses`: dicts of fields."""
    number = next(_numbers)
    fields = {"given_name": "Person", "family_name": f"Number{number}", **fields}
    return _saved(Person(owner=owner, **fields), emails, phones, addresses, region)


def company(owner=None, *, emails=(), phones=(), addresses=(), region=None, **fields):
    """Return a saved company, as `person` does."""
    fields = {"name": f"Company {next(_numbers)}", **fields}
    return _saved(Company(owner=owner, **fields), emails, phones, addresses, region)


def _saved(record, emails, phones, addresses, region):
    parts = [
        *(EmailAddress(address=address, is_primary=not at) for at, address in enumerate(emails)),
        *(PhoneNumber(number=number, is_primary=not at) for at, number in enumerate(phones)),
        *(PostalAddress(is_primary=not at, **fields) for at, fields in enumerate(addresses)),
    ]
    for part in parts:
        part.region = region
    return save_with_parts(record=record, parts=parts)


def reload(record):
    """Return the record as the database has it now, wherever it is."""
    return type(record).objects.unscoped(because="a test looks").get(pk=record.pk)
