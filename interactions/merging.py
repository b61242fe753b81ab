"""What becomes of talks and tasks when people or companies are merged."""

from __future__ import annotations

from django.db.models import Count, Max
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from contacts.reach import EmailAddress
from crm import merging
from crm.access import policy_of
from crm.merging.proposing import spoken
from interactions.models import Interaction, Participation, Task

merging.collision(Participation, ("interaction",), covers=("participation_once",))


def count_talks(model, ids, reader):
    """Count the talks the reader is shown; one in which several of these took part is one."""
    if not reader.access.may(Interaction.record_kind(), "view"):
        return None
    whole = model._meta.model_name
    rows = Participation.objects.of_each(whole, reader, None).none()
    for pk in ids:
        rows = rows | Participation.objects.of_each(whole, reader, pk)
    rows = rows.shown_to(reader).order_by()
    each = dict(rows.values_list(whole).annotate(Count("pk")))
    return each, rows.aggregate(all=Count("interaction", distinct=True))["all"]


def count_tasks(model, ids, reader):
    """Count the tasks the reader is shown."""
    if not reader.access.may(Task.record_kind(), "view"):
        return None
    each = {}
    for pk in ids:
        each[pk] = Task.objects.of_each(model._meta.model_name, reader, pk).order_by().count()
    return each, sum(each.values())


merging.along(Person, Company, label=_("Calls, mails, visits"), count=count_talks)
merging.along(Person, Company, label=_("Tasks"), count=count_tasks)


@merging.proof(EmailAddress)
def written_from(addresses, reader):
    """Return {id: Proof} of the addresses that a mail came in from, with when the last did, of what the reader sees."""
    if not reader.access.may(Interaction.record_kind(), "view") or not policy_of(Interaction).reads_mails(
        reader.access
    ):
        return {}
    last = {}
    for whole in ("person", "company"):
        ids = {getattr(one, f"{whole}_id") for one in addresses} - {None}
        last |= _last_mails(whole, ids, reader) if ids else {}
    keys = {one.pk: (one.person_id, one.company_id, one.address.lower()) for one in addresses}
    return {
        pk: merging.Proof(merging.ANSWERED, gettext("Answered from it, %s") % spoken(last[key]), last[key])
        for pk, key in keys.items()
        if key in last
    }


def _last_mails(whole, ids, reader):
    """Return {(person, company, address): when the last mail came in from it} of people or companies: one query."""
    rows = Participation.objects.of_each(f"{whole}__in", reader, ids).shown_to(reader).order_by()
    mails = rows.filter(interaction__kind=Interaction.Kind.EMAIL, interaction__direction=Interaction.Direction.IN)
    mails = mails.exclude(interaction__mail_log=None)
    sender = Lower("interaction__mail_log__mail__sender_address")
    found = mails.values_list("person", "company", sender).annotate(Max("at"))
    return {(person, company, address): at for person, company, address, at in found}
