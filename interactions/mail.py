"""What interactions do with mail that comes in: it is logged to the people it is from or to."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from contacts.models import Company, Person
from contacts.reach import EmailAddress
from crm import history, receiving, standards
from crm.access import policy_of
from interactions import services
from interactions.models import Interaction, MailLog

MOST_PEOPLE = 50
LONGEST_SUBJECT, LONGEST_BODY = 200, 50_000


@receiving.may_read("interactions")
def of_talks(user):
    """Return the condition for mails that were logged as a talk the user sees; none where their role hides of talks or
    people what a mail tells."""
    if not policy_of(Interaction).reads_mails(user.access):
        return Q(pk__in=[])
    seen = Interaction.objects.visible_to(user).filter(pk=OuterRef("interaction"))
    logs = MailLog.objects.filter(Exists(seen), mail=OuterRef("pk"))
    return Exists(logs)


@receiving.handler("log", order=100)
def log(mail, delivery):
    """Log a mail for whom it was delivered to, with those they may see of whom it is from and to; private unless its
    mailbox is shared. Once for each owner; what is shared, once for all.
    """
    reader = delivery.reader
    if reader is None or not _may_log(reader):
        return False
    if _is_logged(mail, reader, delivery.is_shared):
        return True
    outgoing = is_outgoing(mail, delivery)
    people, companies = found(_others(mail, outgoing), reader)
    if not people and not companies:
        return False
    talk = Interaction(
        kind=Interaction.Kind.EMAIL,
        at=mail.date,
        direction=Interaction.Direction.OUT if outgoing else Interaction.Direction.IN,
        subject=_fitting(mail.subject, LONGEST_SUBJECT) or _("No subject"),
        body=_fitting(mail.reply, LONGEST_BODY),
        is_private=not delivery.is_shared,
    )
    with history.acting(reader, reason=f"mail {mail.pk}"):
        services.log(interaction=talk, people=people, companies=companies, by=reader)
    MailLog.objects.create(mail=mail, owner=reader, interaction=talk, is_shared=delivery.is_shared)
    return True


def is_outgoing(mail, delivery):
    """Whether its owner sent it: it came to their drop box, or lies in their own mailbox under their own address.

    Anybody can write any sender into a mail; so what comes to a shared mailbox or in answer is never told as sent.
    """
    if delivery.user_id:
        return True
    own = delivery.mailbox and not delivery.is_shared
    return bool(own) and mail.sender_address.lower() in (delivery.mailbox.address, delivery.mailbox.owner.email)


def found(addresses, reader):
    """Return (people, companies) with one of these addresses, as far as the reader may see them."""
    standard = {one for one in map(_standard, addresses) if one}
    rows = EmailAddress.objects.visible_to(reader).filter(address__in=standard).order_by("pk")
    ids = list(rows.values_list("person", "company"))
    person_ids = dict.fromkeys(person for person, _company in ids if person)
    company_ids = dict.fromkeys(company for _person, company in ids if company)
    people = Person.objects.visible_to(reader).filter(pk__in=person_ids).order_by("pk")[:MOST_PEOPLE]
    companies = Company.objects.visible_to(reader).filter(pk__in=company_ids).order_by("pk")[:MOST_PEOPLE]
    return list(people), list(companies)


def _may_log(reader):
    access, kind = reader.access, Interaction.record_kind()
    may = access.may(kind, "create") and access.may(Person.record_kind(), "view")
    return may and not access.fixed(kind) & {"subject", "body", "direction"}


def _is_logged(mail, reader, is_shared):
    logs = MailLog.objects.filter(mail=mail)
    return logs.filter(owner=reader).exists() or (is_shared and logs.filter(is_shared=True).exists())


def _others(mail, outgoing):
    """Return the addresses of those it is from and to; of what its owner sent, those it is to."""
    to = [one["address"] for one in (*mail.to, *mail.cc)]
    return to if outgoing else [mail.sender_address, *to]


def _standard(address):
    try:
        return standards.email(address)
    except ValidationError:
        return ""


def _fitting(text, longest):
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
