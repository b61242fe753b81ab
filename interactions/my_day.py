"""What a user has before them today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from contacts.models import NEVER_CONTACTED_FIRST, Company, Person
from interactions.models import Interaction, Participation, Task

QUIET_BY = ("stage", "next_activity_at", "last_contacted_at")
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
    quiet: list | None
    talks: list
    this_week: int
    last_week: int
    done_this_week: int


def of(user):
    """Return the day of a user, in their time zone."""
    today = timezone.localdate()
    tasks = _tasks(user, today)
    due = [task for task in tasks if task.due_on <= today]
    talks = list(Interaction.objects.mine(user).order_by("-at", "-pk")[:MOST_TALKS])
    parts = list(Participation.objects.of(*talks).order_by("pk").values_list("interaction", "person", "company"))
    names = Names(user, [*_abouts(tasks), *((person, company) for _talk, person, company in parts)])
    _name_subjects(tasks, names)
    return Day(
        due=due[:MOST_DUE],
        more_due=len(due) > MOST_DUE,
        late=sum(task.due_on < today for task in due),
        today=sum(task.due_on == today for task in due),
        calls=sum(task.kind == Task.Kind.CALL for task in due),
        next=tasks[len(due) :],
        quiet=_quiet(user),
        talks=list(_told(talks, parts, names)),
        **_talks_by_week(user, today),
    )


def _tasks(user, today):
    """Return the user's open tasks due by today, then those that come next, in one statement."""
    mine = Task.objects.mine(user).open().order_by("due_on", "due_at", "pk")
    rows = mine.due_by(today)[: MOST_DUE + 1].union(mine.filter(due_on__gt=today)[:MOST_NEXT], all=True)
    return sorted(rows, key=lambda task: (task.due_on, task.due_at, task.pk))


def due_count(user):
    """Return how many tasks of the user are due by today: the number beside My day."""
    today = timezone.localdate()
    open_ones = Task.objects.mine(user).open().due_by(today)
    return open_ones.order_by()[:100].count() or None


class Names:
    """The people and companies of some (person, company) pairs of ids, as far as the user may see them."""

    def __init__(self, user, pairs):
        people, companies = ({pk for pk in ids if pk} for ids in zip(*pairs, strict=True)) if pairs else ((), ())
        self.people = Person.objects.visible_to(user).only("given_name", "family_name").in_bulk(people)
        self.companies = Company.objects.visible_to(user).only("name").in_bulk(companies)

    def of(self, person_id, company_id):
        """Return those of the two that are seen, the person first."""
        return [found for found in (self.people.get(person_id), self.companies.get(company_id)) if found]


def _abouts(tasks):
    return [(task.person_id, task.company_id) for task in tasks]


def name_subjects(tasks, user):
    """Set on each task `about`: the person and the company it is about, as far as the user may see them."""
    _name_subjects(tasks, Names(user, _abouts(tasks)))


def _name_subjects(tasks, names):
    for task in tasks:
        found = names.of(task.person_id, task.company_id)
        task.about = ", ".join(map(str, found))
        task.opens = found[0].get_absolute_url() if found else ""


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
    """Return the user's customers and qualified people without a next step, the longest quiet first.

    None where the fields that say so are hidden from the user.
    """
    if not user.access.hidden(Person.record_kind()).isdisjoint(QUIET_BY):
        return None
    mine = Person.objects.mine(user).filter(next_activity_at=None, stage__in=["customer", "qualified"])
    return list(mine.exclude(last_contacted_at=None).order_by(NEVER_CONTACTED_FIRST, "pk")[:MOST_QUIET])


def _told(talks, parts, names):
    """Yield {talk, name, url}: with whom each talk was, as far as the user may see it."""
    for talk in talks:
        found = [record for pk, *ids in parts if pk == talk.pk for record in names.of(*ids)]
        yield {"talk": talk, "name": (found or [talk])[0], "url": found[0].get_absolute_url() if found else ""}
