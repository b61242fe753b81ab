"""How people and companies are read to be matched."""

from django.db.models import F, Value
from django.db.models.functions import Concat

from contacts.matching.companies import COMPANY
from contacts.matching.people import PERSON
from contacts.matching.wording import LABELS, TELLS, worded
from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import duplicates
from crm.duplicates.reading import columns_of, slotted

MOST = 3  # e-mail addresses, phones and postal addresses of one record that are compared


def read_people(ids):
    """Return (ids, columns) of live people; see crm.duplicates.kinds.Kind."""
    rows = _live(Person, ids).order_by("pk")
    named = Concat("family_name", Value(" "), "suffix")
    found, *texts = columns_of(rows.values_list("pk", "given_name", named, "job_title", "born_on", "company__name"))
    names = ("given_name", "family_name", "job_title", "birth_date", "company")
    numbers = [int(number) for number in found]
    return numbers, {name: [column] for name, column in zip(names, texts, strict=True)} | _reach(Person, numbers, ids)


def read_companies(ids):
    """Return (ids, columns) of live companies; see crm.duplicates.kinds.Kind."""
    found, *texts = columns_of(_live(Company, ids).order_by("pk").values_list("pk", "name", "website"))
    numbers = [int(number) for number in found]
    columns = {name: [column] for name, column in zip(("company", "website"), texts, strict=True)}
    return numbers, columns | _reach(Company, numbers, ids)


def _live(model, ids):
    rows = model.objects.unscoped(because="records are matched with all others").live()
    return rows if ids is None else rows.filter(pk__in=ids)


def _reach(model, numbers, ids):
    """The columns of what records are reached by."""
    mobile = PhoneNumber.Kind.MOBILE
    places = ("street", "city", "postcode", "region", "country")
    [emails] = _parts(model, EmailAddress, numbers, ids, "address")
    [mobiles] = _parts(model, PhoneNumber, numbers, ids, "number", kind=mobile)
    [phones] = _parts(model, PhoneNumber, numbers, ids, "number", exclude={"kind": mobile})
    street, city, postcode, state, country = _parts(model, PostalAddress, numbers, ids, *places)
    return {
        "email": emails, "mobile": mobiles, "phone": phones, "street": street, "city": city, "postcode": postcode,
        "state": state, "country": country,
    }  # fmt: skip


def _parts(model, part, numbers, ids, *fields, exclude=None, **narrowed):
    whole = f"{model._meta.model_name}_id"
    rows = part.objects.unscoped(because="they belong to records that are matched").filter(
        **{f"{whole}__isnull": False}, **narrowed
    )
    rows = rows.exclude(**exclude) if exclude else rows
    rows = rows if ids is None else rows.filter(**{f"{whole}__in": ids})
    owners, *columns = columns_of(rows.order_by(whole, F("is_primary").desc(), "pk").values_list(whole, *fields))
    return slotted(numbers, [int(owner) for owner in owners], columns, MOST)


duplicates.register(duplicates.Kind(1, Person, PERSON, read_people, LABELS, worded, TELLS))
duplicates.register(duplicates.Kind(2, Company, COMPANY, read_companies, LABELS, worded, TELLS))
