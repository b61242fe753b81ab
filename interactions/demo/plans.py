"""Made-up tasks, with the next activity they mean for the people and companies."""

from __future__ import annotations

from datetime import time, timedelta

from crm.demo.atlas import Weighted
from crm.loading import fresh
from interactions.demo.talks import working_time
from interactions.models import Task

KINDS = Weighted([("call", 46), ("email", 22), ("meeting", 12), ("visit", 5), ("todo", 15)])
OPEN_SHARE = {"lead": 0.24, "qualified": 0.5, "customer": 0.34, "lapsed": 0.1, "blocked": 0.0}
DONE_SHARE = 0.3


class Planner:
    """Adds tasks to a batch and keeps the next activity of everybody."""

    def __init__(self, batch, rng):
        self._batch, self._rng = batch, rng

    def today(self, owner):
        """Return the day it is where the owner works."""
        return self._batch.order.now.astimezone(self._batch.firm.zones[owner.pk]).date()

    def some(self, person, speech):
        """Add what stands open for a person, and what was done."""
        rng, today = self._rng, self.today(person.owner)
        if rng.random() < OPEN_SHARE[person.stage]:
            self.task(person, speech, _due_day(rng, today))
            if rng.random() < 0.15:
                self.task(person, speech, _due_day(rng, today))
        known_for = (self._batch.order.now - person.created_at).days
        if rng.random() < DONE_SHARE and known_for > 10:
            self.done(person, speech, today - timedelta(days=rng.randint(1, known_for - 1)))

    def task(self, person, speech, day, kind=None, **given):
        """Add a task about a person, due on a day; `given` fixes fields. Return it."""
        rng, owner = self._rng, person.owner
        kind = kind or KINDS.draw(rng)
        made_at = max(
            person.created_at, self._batch.order.now - timedelta(days=rng.randint(1, 30), minutes=rng.randint(0, 600))
        )
        task = fresh(
            Task,
            kind=kind,
            subject=given.pop("subject", None) or speech.task(kind),
            due_on=day,
            due_time=given.pop("due_time", _due_time(rng, kind)),
            person=person,
            company=person.company,
            owner=owner,
            team_id=owner.team_id,
            created_at=made_at,
            created_by_id=owner and owner.pk,
            updated_at=made_at,
            updated_by_id=owner and owner.pk,
            is_private=given.pop("is_private", rng.random() < 0.02),
            **given,
        )
        task.standardise()
        self._batch.add(task)
        self._note_next(task)
        return task

    def done(self, person, speech, day):
        """Add a task that was done on its day."""
        at = min(working_time(self._rng, day, self._batch.firm.zones[person.owner.pk]), self._batch.order.now)
        task = self.task(person, speech, day, done_at=at)
        task.done_by, task.updated_at = person.owner, at
        task.created_at = max(person.created_at, at - timedelta(days=self._rng.randint(1, 9)))

    def _note_next(self, task):
        """Keep the earliest due open task that is not private, as contact_dates.next_activity does."""
        if task.done_at or task.is_private:
            return
        for whole in filter(None, (task.person, task.company)):
            if whole.next_activity_at is None or task.due_at < whole.next_activity_at:
                whole.next_activity_at = task.due_at


def _due_time(rng, kind):
    if kind in {"email", "todo"} or rng.random() < 0.35:
        return None
    return time(rng.randint(8, 16), rng.choice([0, 0, 15, 30, 30, 45]))


def _due_day(rng, today):
    chance = rng.random()
    if chance < 0.14:
        return today - timedelta(days=int(1 + 20 * rng.random() ** 2))
    if chance < 0.19:
        return today
    if chance < 0.75:
        return today + timedelta(days=rng.randint(1, 14))
    return today + timedelta(days=rng.randint(15, 100))
