"""A user who notes more calls in a day than anybody can make; labelled."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from contacts.models import Person
from crm.demo.firm import CAST

DAYS = 3


def too_many_calls(batch, rng, diary, speech_for):
    """Have the rep who holds most of the batch, none of the cast, call the same people all day, a minute each."""
    per_day = min(190, batch.share_of(batch.order.interactions) // 60)
    caller, people = _busiest(batch)
    if per_day < 60 or not people:
        return
    zone = batch.firm.zones[caller.pk]
    for back in range(5, 5 + DAYS):
        day = (batch.order.now - timedelta(days=back)).date()
        start = datetime.combine(day, time(8), zone)
        for place in range(per_day):
            person = rng.choice(people)
            person.created_at = min(person.created_at, start - timedelta(days=20))
            diary.talk(
                person, speech_for(person), start + timedelta(minutes=3 * place), "call", caller,
                direction="out", outcome="reached", duration_minutes=1, subject="", body="OK",
            )  # fmt: skip
    batch.label(caller, "fraud", "impossible_calls", per_day=per_day, days=DAYS)


def _busiest(batch):
    """Return the user with most people in the batch and those people."""
    cast = {(given, family) for _sign_in, _role, _team, given, family, _zone in CAST}
    held = {}
    for person in batch.rows[Person]:
        if person.owner and (person.owner.given_name, person.owner.family_name) not in cast:
            held.setdefault(person.owner.pk, []).append(person)
    people = max(held.values(), key=len, default=[])
    return (people[0].owner if people else None), people
