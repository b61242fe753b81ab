"""When somebody was last in touch, and how: figures on the pages of people and companies."""

from __future__ import annotations

from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from crm import figures
from crm.figures import Figure
from interactions.models import Interaction, Participation

NEWEST = 500  # talks of one record that are looked through
IN = Interaction.Direction.IN
Kind = Interaction.Kind
WANTED = {
    "interactions.replied": Q(direction=IN) & ~Q(kind=Kind.REQUEST),
    "interactions.feedback": Q(kind=Kind.FEEDBACK),
    "interactions.newsletter": Q(kind=Kind.REQUEST),
    "interactions.visit": Q(kind=Kind.VISIT) & ~Q(outcome__in=Interaction.NOT_REACHED),
}
TELLS = {"interactions.replied": "direction", "interactions.visit": "outcome"}


def _contacted(record, _user):
    hidden = "last_contacted_at" in record.hidden_fields
    return {} if hidden else {"interactions.contacted": record.last_contacted_at}


def _last(record, user):
    """Return when each last was, among the newest talks the user may see on this record."""
    if not user.access.may(Interaction.record_kind(), "view"):
        return {}
    hidden = user.access.hidden(Interaction.record_kind())
    wanted = {key: condition for key, condition in WANTED.items() if TELLS.get(key) not in hidden}
    newest = Participation.objects.on(record, user).order_by("-at", "-interaction").values("interaction")[:NEWEST]
    talks = Interaction.objects.unscoped(because="talks on a record that was opened").filter(pk__in=newest)
    return talks.aggregate(**{key: Max("at", filter=condition) for key, condition in wanted.items()}) if wanted else {}


def _is_contact(record):
    return isinstance(record, Person | Company)


figures.register(
    figures.Source(
        (Figure("interactions.contacted", _("Last contacted"), none=_("Never"), old=60),), _contacted, _is_contact
    )
)
figures.register(
    figures.Source(
        (
            Figure("interactions.replied", _("Last replied")),
            Figure("interactions.feedback", _("Last feedback")),
            Figure("interactions.newsletter", _("Asked for news")),
            Figure("interactions.visit", _("Last visit")),
        ),
        _last,
        _is_contact,
        order=10,
    )
)
