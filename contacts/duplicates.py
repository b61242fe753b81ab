"""How people and companies are read to be matched."""

import json
from functools import cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Value
from django.db.models.functions import Concat, JSONObject

from contacts.matching.companies import COMPANY
from contacts.matching.people import PERSON
from contacts.matching.wording import LABELS, TELLS, worded
from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import duplicates
from crm.access import access_of
from crm.duplicates.reading import Asked, are_few, columns_of, narrowed, slots_of, slotted

MOST = 3  # e-mail addresses, phones and postal addresses of one record that are compared
FEW = 1_000  # records that are read in one statement, with what they are reached by
MOBILE = PhoneNumber.Kind.MOBILE
PLACES = {"street": "street", "city": "city", "postcode": "postcode", "state": "region", "country": "country"}
REACH = ("emails", "mobiles", "other_phones", "places")
FAMILY_NAME = Concat("family_name", Value(" "), "suffix")


def read_people(ids, reader=None):
    """Return (ids, columns) of live people; see crm.duplicates.kinds.Kind."""
    if not are_few(ids, FEW):
        numbers, given, family, job, born, company, employers = _many(_people(ids))
        company, reach = _names_seen(company, employers, reader), _reach(Person, numbers, ids)
    else:
        numbers, given, family, job, born, company, employers, *parts = _few(Person, ids)
        born = [day.isoformat() if day else "" for day in born]
        company, reach = _names_seen(company, employers, reader), _slots(parts)
    own = {"given_name": given, "family_name": family, "job_title": job, "birth_date": born, "company": company}
    return numbers, {**{name: [column] for name, column in own.items()}, **reach}


def read_companies(ids, reader=None):
    """Return (ids, columns) of live companies; see crm.duplicates.kinds.Kind."""
    if not are_few(ids, FEW):
        numbers, name, website = _many(_companies(ids))
        reach = _reach(Company, numbers, ids)
    else:
        numbers, name, website, *parts = _few(Company, ids)
        reach = _slots(parts)
    return numbers, {"company": [name], "website": [website], **reach}


def _live(model, ids):
    rows = model.objects.unscoped(because="records are matched with all others").live().order_by("pk")
    return narrowed(rows, "pk", ids)


def _people(ids):
    own = ("given_name", FAMILY_NAME, "job_title", "born_on", "company__name", "company_id")
    return _live(Person, ids).values_list("pk", *own)


def _companies(ids):
    return _live(Company, ids).values_list("pk", "name", "website")


def _many(rows):
    """The columns of many records, the ids as numbers."""
    found, *texts = columns_of(rows)
    return [list(map(int, found)), *texts]


def _names_seen(names, employers, reader):
    """The names of the companies, "" of those that a reader may not see."""
    names = [name or "" for name in names]
    if reader is None or access_of(reader).scope(Company.record_kind(), "view") == "all":
        return names
    ids = {int(pk) for pk in employers if pk}
    seen = set(Company.objects.visible_to(reader).filter(pk__in=ids).order_by().values_list("pk", flat=True))
    return [name if pk and int(pk) in seen else "" for name, pk in zip(names, employers, strict=True)]


# Few records: one statement, compiled once


def _few(model, ids):
    """The columns of few records: their own and, as lists, what they are reached by."""
    return _statement(model).columns(ids)


@cache
def _statement(model):
    rows = _live(model, Asked.IDS).annotate(family=FAMILY_NAME) if model is Person else _live(model, Asked.IDS)
    own = ("given_name", "family", "job_title", "born_on", "company__name", "company_id")
    names = own if model is Person else ("name", "website")
    return Asked(rows.annotate(**_reached_by(model)).values_list("pk", *names, *REACH))


def _reached_by(model):
    """The expressions of REACH: the first of each sort."""
    whole = f"{model._meta.model_name}_id"
    found = (
        _parts(EmailAddress).values("address"),
        _parts(PhoneNumber).filter(kind=MOBILE).values("number"),
        _parts(PhoneNumber).exclude(kind=MOBILE).values("number"),
        _parts(PostalAddress).values(row=JSONObject(**PLACES)),
    )
    shown = (ArraySubquery(rows.filter(**{whole: OuterRef("pk")})[:MOST]) for rows in found)
    return dict(zip(REACH, shown, strict=True))


def _slots(parts):
    emails, mobiles, phones, places = parts
    read = [[json.loads(place) for place in row] for row in places]
    by_name = {name: [[place[name] for place in row] for row in read] for name in PLACES}
    lists = {"email": emails, "mobile": mobiles, "phone": phones, **by_name}
    return {name: slots_of(rows) for name, rows in lists.items()}


# Many records: a COPY for each sort of part


def _reach(model, numbers, ids):
    """The columns of what records are reached by."""
    [emails] = _copied(model, EmailAddress, numbers, ids, "address")
    [mobiles] = _copied(model, PhoneNumber, numbers, ids, "number", kind=MOBILE)
    [phones] = _copied(model, PhoneNumber, numbers, ids, "number", exclude={"kind": MOBILE})
    places = _copied(model, PostalAddress, numbers, ids, *PLACES.values())
    return {"email": emails, "mobile": mobiles, "phone": phones, **dict(zip(PLACES, places, strict=True))}


def _copied(model, part, numbers, ids, *fields, exclude=None, **having):
    whole = f"{model._meta.model_name}_id"
    rows = _parts(part).filter(**{f"{whole}__isnull": False}, **having)
    rows = rows.exclude(**exclude) if exclude else rows
    owners, *columns = columns_of(narrowed(rows, whole, ids).order_by(whole, *FIRST).values_list(whole, *fields))
    return slotted(numbers, [int(owner) for owner in owners], columns, MOST)


FIRST = (F("is_primary").desc(), "pk")


def _parts(part):
    return part.objects.unscoped(because="they belong to records that are matched").order_by(*FIRST)


RIGHTS = {"emails": ("email",), "phones": ("phone", "mobile"), "addresses": tuple(PLACES), "website": ("website",)}
OF_PEOPLE = {"job_title": ("job_title",), "company": ("company",), "born_on": ("birth_date",)}

TOLD: dict[str, Any] = {"labels": LABELS, "worded": worded, "tells": TELLS}

duplicates.register(duplicates.Kind(1, Person, PERSON, read_people, rights={**RIGHTS, **OF_PEOPLE}, **TOLD))
duplicates.register(duplicates.Kind(2, Company, COMPANY, read_companies, rights=RIGHTS, **TOLD))
