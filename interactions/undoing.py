"""What follows from talks and tasks that an undo brought back: when tasks are due, and when people were contacted."""

from __future__ import annotations

from crm.undo import followed, rights
from interactions import contact_dates, due_dates
from interactions.models import Interaction, MailLog, Participation, Task

DUE = {"due_on", "due_time", "owner_id", "remind_minutes", "done_at"}


@followed(Interaction)
def refresh_participants(model, touched):
    rows = Participation.objects.unscoped(because="dates follow, whoever undoes").filter(
        interaction__in=[one.pk for one in touched]
    )
    _refresh(rows.values_list("person", "company"))


@followed(Participation)
def refresh_who_took_part(model, touched):
    _refresh(pair for one in touched for pair in _sides(one))


@followed(Task)
def refresh_subjects(model, touched):
    rows = Task.objects.unscoped(because="dates follow, whoever undoes").select_related("owner")
    tasks = list(rows.filter(pk__in=[one.pk for one in touched]))
    if any(DUE & set(one.after) for one in touched):
        due_dates.follow(tasks)
    _refresh(
        [*((task.person_id, task.company_id) for task in tasks), *(pair for one in touched for pair in _sides(one))]
    )


def _sides(one):
    yield from ((pk, None) for pk in one.both("person_id"))
    yield from ((None, pk) for pk in one.both("company_id"))


def _refresh(pairs):
    people, companies = {None}, {None}
    for person, company in pairs:
        people.add(person)
        companies.add(company)
    contact_dates.refresh(people=people, companies=companies)


@rights(MailLog)
def whose_talk_one_may_change(rows, by):
    """That a mail was logged as a talk comes back by whoever may change the talk."""
    ids = {talk for _pk, row in rows for talk in row["interaction_id"]}
    talks = Interaction.objects.changeable_by(by, "edit").filter(pk__in=ids)
    open_ids = set(talks.values_list("pk", flat=True))
    return {pk for pk, row in rows if row["interaction_id"] and row["interaction_id"] <= open_ids}
