"""What a user has before them today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from contacts.models import NEVER_CONTACTED_FIRST, Company, Person
from interactions.models import Interaction, Participation, Task

MOST_DUE, MOST_NEXT, MOST_QUIET, MOST_TALKS = 40, 8, 6, 5


@dataclass
class Day:
    """The lists and figures of My day; every task knows the names its reader may see, as `about`."""

    due: list
    more_due: bool
    late: int
    today: int
    calls: int
    next: list
    quiet: list
    talks: list
    this_week: int
    last_week: int
    done_this_week: int


def of(user):
    """Return the day of a user, in their time zone."""
    today = timezone.localdate()
    mine = Task.objects.mine(user).open()
    due = list(mine.due_by(today).order_by("due_on", "due_at", "pk")[: MOST_DUE + 1])
    coming = list(mine.filter(due_on__gt=today).order_by("due_on", "due_at", "pk")[:MOST_NEXT])
    name_subjects([*due, *coming], user)
    counts = _talks_by_week(user, today)
    return Day(
        due=due[:MOST_DUE],
        more_due=len(due) > MOST_DUE,
        late=sum(task.due_on < today for task in due),
        today=sum(task.due_on == today for task in due),
        calls=sum(task.kind == Task.Kind.CALL for task in due),
        next=coming,
        quiet=_quiet(user),
        talks=_last_talks(user),
        **counts,
    )


def due_count(user):
    """Return how many tasks of the user are due by today: the number beside My day."""
    today = timezone.localdate()
    open_ones = Task.objects.mine(user).open().due_by(today)
    return open_ones.order_by()[:100].count() or None


def name_subjects(tasks, user):
    """Set on each task `about`: the person and the company it is about, as far as the user may see them."""
    people = (
        Person.objects.visible_to(user)
        .only("given_name", "family_name")
        .in_bulk({t.person_id for t in tasks if t.person_id})
    )
    companies = Company.objects.visible_to(user).only("name").in_bulk({t.company_id for t in tasks if t.company_id})
    for task in tasks:
        names = (people.get(task.person_id), companies.get(task.company_id))
        task.about = ", ".join(str(name) for name in names if name)
        task.opens = next((name.get_absolute_url() for name in names if name), "")


def _talks_by_week(user, today):
    monday = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=today.weekday())
    before = monday - timedelta(days=7)
    talks = Interaction.objects.mine(user).filter(at__gte=before).exclude(kind=Interaction.Kind.NOTE)
    weeks = talks.aggregate(
        this_week=Count("pk", filter=Q(at__gte=monday)), last_week=Count("pk", filter=Q(at__lt=monday))
    )
    done = Task.objects.mine(user).filter(done_at__gte=monday).count()
    return {**weeks, "done_this_week": done}


def _quiet(user):
    """Return the user's customers and qualified people without a next step, the longest quiet first."""
    mine = Person.objects.mine(user).filter(next_activity_at=None, stage__in=["customer", "qualified"])
    return list(mine.exclude(last_contacted_at=None).order_by(NEVER_CONTACTED_FIRST, "pk")[:MOST_QUIET])


def told(talks, user):
    """Return [{talk, name, url}]: with whom each talk was, as far as the user may see it."""
    parts = list(Participation.objects.of(*talks).order_by("pk").values_list("interaction", "person", "company"))
    people = Person.objects.visible_to(user).only("given_name", "family_name").in_bulk({p for _i, p, _c in parts if p})
    companies = Company.objects.visible_to(user).only("name").in_bulk({c for _i, _p, c in parts if c})
    names: dict = {}
    for interaction_id, person_id, company_id in parts:
        record = people.get(person_id) or companies.get(company_id)
        if record:
            names.setdefault(interaction_id, record)
    return [
        {
            "talk": talk,
            "name": names.get(talk.pk, talk),
            "url": names[talk.pk].get_absolute_url() if talk.pk in names else "",
        }
        for talk in talks
    ]


def _last_talks(user):
    return list(Interaction.objects.mine(user).order_by("-at", "-pk")[:MOST_TALKS])
