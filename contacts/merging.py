"""How people and companies are merged."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError
from django.db.models import Count
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person, Stage
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import mailing, merging
from crm.merging import Field, Mergeable, Reached, United
from crm.merging import proposing as by

SAME = {
    EmailAddress: ("address",),
    PhoneNumber: ("number", "extension"),
    PostalAddress: ("street", "extra", "postcode", "city", "region", "country"),
}


def name_of(person):
    """Return a person's name with title and suffix."""
    return " ".join(filter(None, [person.prefix, person.given_name, person.family_name, person.suffix]))


def all_tags(values):
    return list(dict.fromkeys(tag for tags in values for tag in tags))


def one_after_the_other(values):
    """Return notes joined, each once. What is too long then is refused by the gate: nothing is cut off unseen."""
    return "\n\n".join(dict.fromkeys(filter(None, values)))


def filled(values):
    """Return what any of them says, of two that differ what the first says."""
    return {key: value for one in reversed(values) for key, value in one.items() if value not in (None, "", [])}


def owner_of(record):
    return record.owner.get_full_name() if record.owner_id else ""


def born(person):
    return date_format(person.born_on, "j M Y") if person.born_on else ""


def language_of(person):
    """Return the name of a person's language; what is no known code stays as it is."""
    code = person.language
    try:
        return (Locale.parse(code.replace("-", "_")).get_language_name(get_language() or "en") or code) if code else ""
    except (UnknownLocaleError, ValueError):
        return code


def plain(model, name, propose=by.likeliest, shown=None):
    """Return a field that is one column, under the column's own name."""
    return Field(name, capfirst(model._meta.get_field(name).verbose_name), (name,), propose, shown=shown)


REACHED = (
    Reached(
        "email",
        _("E-mail"),
        EmailAddress,
        SAME[EmailAddress],
        ("email_one_primary_person", "email_one_primary_company"),
    ),
    Reached(
        "phone", _("Phone"), PhoneNumber, SAME[PhoneNumber], ("phone_one_primary_person", "phone_one_primary_company")
    ),
    Reached(
        "address",
        _("Address"),
        PostalAddress,
        SAME[PostalAddress],
        ("address_one_primary_person", "address_one_primary_company"),
    ),
)
STAGES = (Stage.LEAD, Stage.QUALIFIED, Stage.LAPSED, Stage.CUSTOMER, Stage.BLOCKED)


def common(model):
    return (
        plain(model, "stage", by.furthest(STAGES)),
        plain(model, "source", by.oldest),
        plain(model, "currency"),
        Field("owner", _("Owner"), ("owner",), by.last_in_touch, shown=owner_of),
    )


UNITED = (
    United("tags", all_tags, _("Tags"), _("All of them")),
    United("notes", one_after_the_other, _("Notes"), _("One after the other")),
    United("custom", filled),
    United("typed", filled),
)

merging.register(
    Mergeable(
        Person,
        (
            Field("name", _("Name"), ("given_name", "family_name", "prefix", "suffix"), by.fullest, shown=name_of),
            *REACHED,
            plain(Person, "company"),
            plain(Person, "job_title"),
            plain(Person, "born_on", shown=born),
            plain(Person, "language", shown=language_of),
            *common(Person),
        ),
        UNITED,
        lasting=("born_on",),
    )
)
merging.register(
    Mergeable(
        Company,
        (
            plain(Company, "name", by.fullest),
            *REACHED,
            plain(Company, "website"),
            plain(Company, "industry"),
            plain(Company, "size"),
            *common(Company),
        ),
        UNITED,
    )
)
for part, same in SAME.items():
    merging.collision(part, same)


@merging.proof(EmailAddress)
def come_back(addresses, _reader):
    """Return {id: Proof} of the addresses that mails came back from."""
    gone = mailing.bounced_for_good({one.address for one in addresses})
    return {one.pk: merging.Proof(merging.BOUNCED, gettext("Bounced")) for one in addresses if one.address in gone}


@merging.proof(PhoneNumber)
def in_the_plan(numbers, _reader):
    """Return {id: Proof} of the numbers that the numbering plan of their country has."""
    words = gettext("Verified: in its country's numbering plan")
    return {one.pk: merging.Proof(merging.VERIFIED, words) for one in numbers if one.is_valid}


def counted_parts(part):
    """Return what counts the ways of a sort to reach records."""

    def count(model, ids, reader):
        if part.rights_name in reader.access.hidden(model._meta.label_lower):
            return None
        whole = model._meta.model_name
        rows = part.objects.of(*model.objects.visible_to(reader).filter(pk__in=ids))
        found = list(rows.values_list(whole, *SAME[part]))
        each = {pk: sum(row[0] == pk for row in found) for pk in ids}
        return each, len({row[1:] for row in found})

    return count


for one in REACHED:
    merging.along(Person, Company, label=capfirst(one.part._meta.verbose_name_plural), count=counted_parts(one.part))


def count_people(model, ids, reader):
    """Count the people at companies."""
    if "company" in reader.access.hidden(Person.record_kind()):
        return None
    rows = Person.objects.visible_to(reader).filter(company__in=ids).order_by()
    found = dict(rows.values_list("company").annotate(Count("pk")))
    return {pk: found.get(pk, 0) for pk in ids}, sum(found.values())


merging.along(Company, label=_("People"), count=count_people)
