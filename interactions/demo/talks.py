"""Made-up calls, mails, meetings and notes, with what follows from them for the people and companies."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import exp

from crm.demo.atlas import Weighted
from crm.loading import fresh
from interactions.demo import texts
from interactions.models import Interaction, Participation

WEIGHTS = {"lead": 0.45, "qualified": 1.3, "customer": 1.9, "lapsed": 0.9, "blocked": 0.25}
KINDS = Weighted([("call", 42), ("email", 34), ("meeting", 11), ("note", 13)])
OUTCOMES = Weighted([("reached", 55), ("message", 13), ("no_answer", 23), ("busy", 6), ("wrong", 3)])
LENGTHS = {"call": (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 35), "meeting": (25, 30, 45, 60, 60, 90, 120)}
MOST_OF_ONE_PERSON = 60
SECOND_GUEST_SHARE = 0.3


def counts_as_contact(talk):
    """Whether a talk counts for "last contacted"; the form for one row of InteractionQuerySet.contacts()."""
    return not talk.is_private and talk.kind != "note" and talk.outcome not in Interaction.NOT_REACHED


def talk_counts(rng, people, total):
    """Return how many talks each person gets: skewed, a part of them none, summing to `total`."""
    weights = [_weight(rng, person) for person in people]
    scale = total / (sum(weights) or 1)
    counts, carried = [], 0.0
    for weight in weights:
        carried += weight * scale
        counts.append(min(int(carried), MOST_OF_ONE_PERSON))
        carried -= counts[-1]
    return counts


def _weight(rng, person):
    if person.owner_id is None or rng.random() < 0.14:
        return 0.0
    share = 0.35 if person.demo.is_copy else 1.0
    return share * WEIGHTS[person.stage] * exp(rng.gauss(0, 0.9))


class Diary:
    """Adds talks to a batch and keeps the newest contact of everybody."""

    def __init__(self, batch, rng):
        self._batch, self._rng, self._zones = batch, rng, batch.firm.zones

    def talk(self, person, speech, at, kind=None, owner=None, **given):
        """Add a talk with a person, and their company, at a moment; `given` fixes fields. Return it."""
        rng, owner = self._rng, owner or self._who(person)
        kind = kind or KINDS.draw(rng)
        fields = {"is_private": rng.random() < 0.015, **_SHAPES[kind](rng, speech), **given}
        talk = fresh(
            Interaction,
            kind=kind,
            at=at,
            owner=owner,
            team_id=owner.team_id,
            created_at=at,
            created_by_id=owner and owner.pk,
            updated_at=at,
            updated_by_id=owner and owner.pk,
            **fields,
        )
        self._batch.add(talk)
        self.join(talk, person)
        if person.company:
            self.join(talk, person.company)
            if kind == "meeting" and rng.random() < SECOND_GUEST_SHARE:
                self._bring_a_colleague(talk, person)
        return talk

    def _bring_a_colleague(self, talk, person):
        """Have somebody else of the company, known by then, take part too."""
        others = [other for other in person.company.demo.people if other is not person and other.created_at < talk.at]
        if others:
            self.join(talk, self._rng.choice(others))

    def join(self, talk, whole):
        """Note that a person or company took part."""
        field = whole._meta.model_name
        self._batch.add(fresh(Participation, interaction=talk, at=talk.at, **{field: whole}))
        if counts_as_contact(talk) and (whole.last_contacted_at is None or whole.last_contacted_at < talk.at):
            whole.last_contacted_at = talk.at

    def _who(self, person):
        """Return who talked: mostly the owner, sometimes somebody of the team."""
        if self._rng.random() < 0.9:
            return person.owner
        return self._rng.choice(self._batch.firm.mates[person.team_id])

    def moments(self, person, count):
        """Return `count` moments in the owner's working hours since the person is known, oldest first."""
        rng, now = self._rng, self._batch.order.now
        zone = self._zones[person.owner.pk]
        span = (now - person.created_at).total_seconds()
        found = []
        for _ in range(count):
            day = (person.created_at + timedelta(seconds=span * rng.random() ** 0.8)).date()
            found.append(min(working_time(rng, day, zone), now))
        return sorted(found)


def working_time(rng, day, zone):
    """Return a moment in the working hours of the day, or of the Friday before a weekend."""
    day -= timedelta(days=max(day.weekday() - 4, 0))
    minute = 8 * 60 + int(570 * (rng.random() + rng.random()) / 2)
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)


def _call(rng, speech):
    direction = "out" if rng.random() < 0.74 else "in"
    outcome = OUTCOMES.draw(rng) if direction == "out" else "reached"
    reached = outcome == "reached"
    return {
        "direction": direction,
        "outcome": outcome,
        "duration_minutes": rng.choice(LENGTHS["call"]) if reached else None,
        "subject": speech.say(texts.CALL_SUBJECTS) if rng.random() < 0.7 else "",
        "body": _body(rng, speech, texts.REACHED) if reached else _unreached(rng, speech),
    }


def _unreached(rng, speech):
    return speech.say(texts.UNREACHED) if rng.random() < 0.6 else ""


def _body(rng, speech, table):
    sentences = [speech.say(table)]
    if rng.random() < 0.45:
        sentences.append(speech.say(table))
    if rng.random() < 0.5:
        sentences.append(speech.say(texts.CLOSERS))
    return " ".join(dict.fromkeys(sentences))


def _mail(rng, speech):
    direction = "out" if rng.random() < 0.62 else "in"
    return {"direction": direction, "subject": speech.say(texts.MAIL_SUBJECTS), "body": speech.say(texts.MAILS)}


def _meeting(rng, speech):
    held = rng.random() < 0.94
    return {
        "outcome": "held" if held else "no_show",
        "duration_minutes": rng.choice(LENGTHS["meeting"]) if held else None,
        "subject": speech.say(texts.MEETING_SUBJECTS),
        "body": _body(rng, speech, texts.MEETINGS) if held else "",
    }


def _note(rng, speech):
    return {"body": speech.say(texts.NOTES)}


_SHAPES = {"call": _call, "email": _mail, "meeting": _meeting, "note": _note}
