"""When somebody was last contacted and what comes next, kept on the person and the company.

Private talks and tasks do not count: their existence would show to those who may not see them.
"""

from __future__ import annotations

from django.db.models import Min, OuterRef, Subquery

from contacts.models import Company, Person
from interactions.models import Interaction, Participation, Task

WHOLES = {"person": Person, "company": Company}


def refresh(*, people=(), companies=()):
    """Bring the two dates of these people and companies (ids) up to date with what stands on them now.

    Locks them, in the order of their ids, before it looks: what another transaction has just written is counted.
    """
    for whole, ids in (("person", people), ("company", companies)):
        rows = WHOLES[whole].objects.unscoped(because="the dates follow from talks and tasks")
        rows = rows.filter(pk__in={pk for pk in ids if pk})
        # a lock that lets others go on adding what refers to them
        locked = rows.order_by("pk").select_for_update(of=("self",), no_key=True)
        if list(locked.values_list("pk", flat=True)):
            rows.update(last_contacted_at=last_contact(whole), next_activity_at=next_activity(whole))


def last_contact(whole):
    """Return a subquery: the time of the newest talk in which somebody was reached."""
    counting = Interaction.objects.unscoped(because="dates only").live().filter(is_private=False).contacts()
    rows = Participation.objects.unscoped(because="dates only").filter(**{whole: OuterRef("pk")})
    return Subquery(
        rows.filter(interaction__in=counting.filter(pk=OuterRef("interaction"))).order_by("-at").values("at")[:1]
    )


def next_activity(whole):
    """Return a subquery: when the next open task is due."""
    rows = Task.objects.unscoped(because="dates only").live().open().filter(is_private=False)
    return Subquery(
        rows.filter(**{whole: OuterRef("pk")}).order_by().values(whole).annotate(first=Min("due_at")).values("first")
    )
