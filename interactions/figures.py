"""When somebody was last in touch, and how: figures on the pages of people and companies."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import JSONObject
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


def _contacted(record):
    hidden = "last_contacted_at" in record.hidden_fields
    return {} if hidden else {"interactions.contacted": record.last_contacted_at}


def _with_last(model, user):
    """Return {"last_of_talks": when each last was, among the newest talks the user may see on a record}."""
    if not user.access.may(Interaction.record_kind(), "view"):
        return {}
    hidden = user.access.hidden(Interaction.record_kind())
    wanted = {key: Max("at", filter=condition) for key, condition in WANTED.items() if TELLS.get(key) not in hidden}
    parts = Participation.objects.of_each(model._meta.model_name, user, OuterRef(OuterRef("pk"))).shown_to(user)
    parts = parts.order_by("-at", "-interaction")
    talks = Interaction.objects.unscoped(because="talks on a record that was opened").filter(
        pk__in=parts.values("interaction")[:NEWEST]
    )
    return {"last_of_talks": Subquery(talks.order_by().values(all=Value(1)).values(found=JSONObject(**wanted)))}


def _last(record):
    found = getattr(record, "last_of_talks", None) or {}
    return {key: datetime.fromisoformat(at) if at else None for key, at in found.items()}


def _is_contact(model):
    return issubclass(model, Person | Company)


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
        _with_last,
        order=10,
    )
)
