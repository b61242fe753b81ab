"""Made-up history: what was said to the made-up people, and what is planned."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from contacts.models import Person
from crm.demo import part
from interactions.demo import frauds, spotlight
from interactions.demo.plans import Planner
from interactions.demo.talks import Diary, talk_counts
from interactions.demo.texts import Speech
from interactions.models import Interaction


@part
def talks_and_tasks(batch, rng):
    """Give the people of a batch two years of talks, and tasks done and open."""
    diary, planner, speech_for = Diary(batch, rng), Planner(batch, rng), partial(_speech, rng)
    if batch.is_first:
        spotlight.show(batch, rng, diary, planner)
        frauds.too_many_calls(batch, rng, diary, speech_for)
    _wrong_numbers(batch, rng, diary, speech_for)
    people = batch.rows[Person]
    left = batch.share_of(batch.order.interactions) - len(batch.rows[Interaction])
    for person, count in zip(people, talk_counts(rng, people, max(left, 0)), strict=True):
        if person.owner is None:
            continue
        speech = speech_for(person)
        for at in diary.moments(person, count):
            diary.talk(person, speech, at)
        if not person.demo.is_planned:
            planner.some(person, speech)
    if batch.is_first and batch.order.heavy:
        _talk_without_end(batch, diary, speech_for)


def _speech(rng, person):
    country = person.demo.country
    return Speech(rng, person.given_name, country.languages[0], country.currency)


def _wrong_numbers(batch, rng, diary, speech_for):
    """The last call to an outdated number reached a stranger."""
    for person in batch.rows[Person]:
        if person.demo.has_wrong_number:
            at = diary.moments(person, 1)[0]
            diary.talk(person, speech_for(person), at, "call", direction="out", outcome="wrong", duration_minutes=None)


def _talk_without_end(batch, diary, speech_for):
    """Give one person, of rep@'s team where there is one, as many talks as was asked for."""
    person = max(batch.rows[Person][:40], key=lambda row: (row.stage == "customer", row.given_name == "Knut"))
    person.created_at = batch.order.now - timedelta(days=730)
    speech = speech_for(person)
    for at in diary.moments(person, batch.order.heavy):
        diary.talk(person, speech, at)
