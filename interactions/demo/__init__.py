"""Made-up history: what was said to the made-up people, and what is planned."""

from __future__ import annotations

from contacts.models import Person
from crm.demo import part
from interactions.demo import spotlight
from interactions.demo.plans import Planner
from interactions.demo.talks import Diary, talk_counts
from interactions.demo.texts import Speech


@part
def talks_and_tasks(batch, rng):
    """Give the people of a batch two years of talks, and tasks done and open."""
    diary, planner = Diary(batch, rng), Planner(batch, rng)
    if batch.is_first:
        spotlight.show(batch, rng, diary, planner)
    people = batch.rows[Person]
    total = batch.share_of(batch.order.interactions) - spotlight.talks_of(batch)
    for person, count in zip(people, talk_counts(rng, people, max(total, 0)), strict=True):
        if person.owner is None:
            continue
        country = person.demo.country
        speech = Speech(rng, person.given_name, country.languages[0], country.currency)
        for at in diary.moments(person, count):
            diary.talk(person, speech, at)
        if not person.demo.is_planned:
            planner.some(person, speech)
