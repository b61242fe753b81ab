"""Saving people and companies together with the ways to reach them."""

from __future__ import annotations

from django.db import transaction

from contacts.models import Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import duplicates

AT_ONCE = 2_000  # people whose keys are brought up to date in one go
PARTS = (EmailAddress, PhoneNumber, PostalAddress)


@transaction.atomic
def save_with_parts(*, record, parts=(), removed=()):
    """Save a person or a company and its parts in one go, then what follows from the parts.

    `parts`: unsaved or changed EmailAddress, PhoneNumber and PostalAddress rows; one that is primary takes the place of
    the one that was. `removed`: rows to take away. Both count as a change of the record.
    """
    is_new = record._state.adding
    record.save()
    for part in removed:
        part.delete()
    for part in sorted(parts, key=lambda part: part.is_primary):
        setattr(part, record._meta.model_name, record)
        if part.is_primary and not is_new:
            _step_down(part, record)
        part.save()
    if not is_new and (parts or removed):
        record.touch()
    _follow_parts(record)
    duplicates.keep(type(record), [record.pk])
    return record


def _step_down(part, record):
    """Let the part that is primary among those of its sort be so no more."""
    type(part).objects.of(record).filter(is_primary=True).exclude(pk=part.pk).update(is_primary=False)


def _follow_parts(record):
    """Give each sort of part one primary, and the record the country and words that follow."""
    for model in PARTS:
        rows = model.objects.of(record)
        if not rows.filter(is_primary=True).exists():
            first = rows.order_by("pk").first()
            if first:
                first.is_primary = True
                first.save()
    address = PostalAddress.objects.of(record).filter(is_primary=True).first()
    country = address.country.code if address else ""
    if record.country != (country or ""):
        record.country = country or ""
        record.save()
    record.rewrite_words()


def keep_people_of(companies):
    """Bring the keys that people are matched by up to date after their companies' names may have changed.

    `companies`: ids. A few thousand people at a time, each in a transaction of their own unless there is one.
    """
    people = Person.objects.unscoped(because="keys follow from the company, whoever sees whom").live()
    people = people.filter(company__in=companies).order_by("pk").values_list("pk", flat=True)
    last = 0
    while ids := list(people.filter(pk__gt=last)[:AT_ONCE]):
        duplicates.keep(Person, ids)
        last = ids[-1]


def address_from(company):
    """Return an unsaved work address like the company's primary one, or None; the caller has opened the company."""
    theirs = PostalAddress.objects.of(company).filter(is_primary=True).first()
    if theirs is None:
        return None
    fields = ("street", "extra", "postcode", "city", "region", "country")
    return PostalAddress(
        kind=PostalAddress.Kind.WORK, is_primary=True, **{name: getattr(theirs, name) for name in fields}
    )
