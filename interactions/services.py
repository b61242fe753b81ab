"""Logging what happened and planning what comes next."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from contacts.models import Company, Person
from interactions import contact_dates
from interactions.models import Interaction, Participation, Task


@transaction.atomic
def log(*, interaction, people=(), companies=(), next_step=None, by):
    """Save a talk with the people and companies who took part, and the task that follows; return the talk.

    `people`, `companies`: records the actor sees. A person's company takes part with them. `next_step`: an unsaved
    Task or None; it is about the first person. Raises PermissionDenied if the actor may not log, or sees not all.
    """
    _check_may_create(by, Interaction)
    _check_sees(by, Person, {person.pk for person in people})
    _check_sees(by, Company, {company.pk for company in companies})
    interaction.owner = by
    interaction.save()
    company_ids = {*(company.pk for company in companies), *(person.behind("company_id") for person in people)} - {None}
    _join(interaction, [person.pk for person in people], company_ids)
    if next_step:
        _plan(next_step, people[0] if people else None, min(company_ids, default=None), by)
    contact_dates.refresh(people=[person.pk for person in people], companies=company_ids)
    return interaction


def _check_may_create(by, model):
    if not by.access.may(model.record_kind(), "create"):
        raise PermissionDenied


def _check_sees(by, model, ids):
    if ids and model.objects.visible_to(by).filter(pk__in=ids).count() < len(ids):
        raise PermissionDenied


def _join(interaction, person_ids, company_ids):
    rows = [Participation(interaction=interaction, person_id=pk, at=interaction.at) for pk in sorted(set(person_ids))]
    rows += [Participation(interaction=interaction, company_id=pk, at=interaction.at) for pk in sorted(company_ids)]
    Participation.objects.bulk_create(rows)


def _plan(task, person, company_id, by):
    task.owner = task.owner or by
    task.person, task.company_id = person, company_id
    task.save()


@transaction.atomic
def amend(*, interaction, by):
    """Save changes to a talk already checked as editable, and the dates that follow from it."""
    interaction.save()
    _refresh_participants(interaction)


def _refresh_participants(interaction):
    rows = list(Participation.objects.of(interaction).values_list("person", "company"))
    contact_dates.refresh(
        people=[person for person, _company in rows], companies=[company for _person, company in rows]
    )


@transaction.atomic
def trash_interaction(*, interaction, by):
    """Put a talk in the trash; it no longer counts as contact."""
    interaction.trash(by=by)
    _refresh_participants(interaction)


@transaction.atomic
def restore_interaction(*, interaction, by):
    """Take a talk out of the trash; it counts again."""
    interaction.restore(by=by)
    _refresh_participants(interaction)


@transaction.atomic
def save_task(*, task, by):
    """Save a task and the next activity of whom it is about, and was about before.

    Raises PermissionDenied if the actor may not plan or change it, or does not see whom it is about from now on.
    """
    was_person, was_company = _was_about(task, by)
    _check_sees(by, Person, {task.person_id} - {was_person, None})
    _check_sees(by, Company, {task.company_id} - {was_company, None})
    task.owner = task.owner or by
    if task.person_id and not task.company_id:
        task.company_id = task.person.behind("company_id")
    task.save()
    contact_dates.refresh(people=[task.person_id, was_person], companies=[task.company_id, was_company])
    return task


def _was_about(task, by):
    """Return the ids of the person and the company a task is about so far."""
    if task.pk is None:
        _check_may_create(by, Task)
        return None, None
    about = Task.objects.editable_by(by).filter(pk=task.pk).values_list("person", "company").first()
    if about is None:
        raise PermissionDenied
    return about


@transaction.atomic
def set_done(*, task, done, by):
    """Mark a task done or open again; one that is so already is left as it is. Safe when two tick it at once."""
    locked = Task.objects.editable_by(by).select_for_update(of=("self",)).get(pk=task.pk)
    if bool(locked.done_at) != done:
        locked.done_at, locked.done_by = (timezone.now(), by) if done else (None, None)
        locked.save()
        locked.note("done" if done else "reopened", by=by)
        contact_dates.refresh(people=[locked.person_id], companies=[locked.company_id])
    return locked


@transaction.atomic
def trash_task(*, task, by):
    task.trash(by=by)
    contact_dates.refresh(people=[task.person_id], companies=[task.company_id])


@transaction.atomic
def restore_task(*, task, by):
    task.restore(by=by)
    contact_dates.refresh(people=[task.person_id], companies=[task.company_id])
