"""What follows from people, companies and ways to reach them that an undo brought back: words, order, country, keys."""

from __future__ import annotations

from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from contacts.services import keep_people_of
from crm import duplicates
from crm.search_words import learn
from crm.undo import followed

NAMES = {"given_name", "family_name", "name", "website"}
WHOLES = {"person_id": Person, "company_id": Company}


@followed(Person, Company)
def follow_names(model, touched):
    """Words and order follow names that were changed back; a record that goes to the trash keeps its own."""
    _rewrite_words(model, {one.pk for one in touched if NAMES & one.before.keys()})


@followed(EmailAddress)
def follow_emails(model, touched):
    for column, whole in WHOLES.items():
        _rewrite_words(whole, _wholes(model, touched, column))


@followed(PostalAddress)
def follow_addresses(model, touched):
    for column, whole in WHOLES.items():
        _rewrite_countries(whole, column, _wholes(model, touched, column))


@followed(Person, Company)
def follow_matching(model, touched):
    """Bring the keys that duplicates are found by up to date, of a company's people, too."""
    ids = sorted({one.pk for one in touched})
    duplicates.keep(model, ids)
    if model is Company:
        keep_people_of(ids)


@followed(EmailAddress, PhoneNumber, PostalAddress)
def follow_parts(model, touched):
    for column, whole in WHOLES.items():
        duplicates.keep(whole, sorted(_wholes(model, touched, column)))


def _wholes(model, touched, column):
    """Return the ids of the records these parts belonged to before the act and after it, and belong to now."""
    rows = model.objects.unscoped(because="whose they are says what follows").filter(pk__in=[one.pk for one in touched])
    present = set(rows.exclude(**{column: None}).values_list(column, flat=True))
    return present.union(pk for one in touched for pk in one.both(column))


def _rewrite_words(model, ids):
    """Bring the words and the place in the order of names up to date."""
    records = list(_every(model).filter(pk__in=ids)) if ids else []
    addresses: dict[int, list] = {record.pk: [] for record in records}
    whole = f"{model._meta.model_name}_id"
    rows = EmailAddress.objects.unscoped(because="words follow from them").filter(**{f"{whole}__in": list(addresses)})
    for pk, address in rows.values_list(whole, "address") if records else ():
        addresses[pk].append(address)
    for record in records:
        record.sort_name, record.words = record.name_in_order(), record.words_with(addresses[record.pk])
    _every(model).bulk_update(records, ["sort_name", "words"], batch_size=500)
    learn(word for record in records for word in record.words)


def _rewrite_countries(model, column, ids):
    """Bring the country up to date: that of the primary address."""
    rows = PostalAddress.objects.unscoped(because="the country follows from them")
    rows = rows.filter(is_primary=True, **{f"{column}__in": ids}) if ids else rows.none()
    found = dict(rows.values_list(column, "country"))
    records = [one for one in _every(model).filter(pk__in=ids) if one.country != found.get(one.pk, "")] if ids else []
    for record in records:
        record.country = found.get(record.pk, "")
    _every(model).bulk_update(records, ["country"], batch_size=500)


def _every(model):
    return model.objects.unscoped(because="what follows from a record is brought up to date whoever undoes")
