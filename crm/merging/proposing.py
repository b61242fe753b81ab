"""Which value is proposed where records differ, and why, in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

BOUNCED, VERIFIED, ANSWERED = -1, 1, 2


@dataclass(frozen=True)
class Proof:
    """Why a value is known to be right: VERIFIED, or ANSWERED by whom it belongs to; or to be wrong: BOUNCED. In words,
    and when that was."""

    rank: int
    words: str
    at: datetime | None = None


@dataclass(frozen=True)
class Side:
    """One record's value: as it is stored, in words ("" for none), since when it has been so, what proves it."""

    record: Any
    value: Any
    text: str
    since: datetime
    proof: Proof | None = None


@dataclass(frozen=True)
class Proposal:
    """The place of the proposed side, and why."""

    place: int
    why: str


def likeliest(sides):
    """Propose the only value known, else the one most records agree on, else the newest."""
    known = [place for place, side in enumerate(sides) if side.text]
    if not known:
        return Proposal(0, _("Nobody knows it"))
    if len(known) == 1:
        return Proposal(known[0], _("The only one known"))
    return _agreed(sides, known) or newest(sides)


def proved(sides):
    """Propose what somebody answered by last, else what is verified where another is not, else the likeliest.

    What bounced is proposed only where all did.
    """
    known = [place for place, side in enumerate(sides) if side.text]
    alive = [place for place in known if _rank(sides[place]) != BOUNCED]
    if not alive or len(alive) == len(known):
        return _proved(sides, known)
    found = _proved([side if place in alive else replace(side, text="") for place, side in enumerate(sides)], alive)
    if len(alive) == 1 and not _rank(sides[found.place]):
        return Proposal(found.place, _("The other bounced"))
    return Proposal(found.place, _("%(why)s; the other bounced") % {"why": found.why})


def _rank(side):
    return side.proof.rank if side.proof else 0


def _proved(sides, known):
    answered = [place for place in known if _rank(sides[place]) == ANSWERED]
    if answered:
        place = max(answered, key=lambda place: (sides[place].proof.at, -place))
        return Proposal(place, sides[place].proof.words)
    verified = [place for place in known if _rank(sides[place]) == VERIFIED]
    if not verified or len(verified) == len(known):
        return likeliest(sides)
    if agreed := _agreed(sides, verified):
        return agreed
    place = max(verified, key=lambda place: (sides[place].since, -place))
    return Proposal(place, sides[place].proof.words)


def newest(sides):
    """Propose the value that was set last."""
    known = [place for place, side in enumerate(sides) if side.text] or [0]
    place = max(known, key=lambda place: (sides[place].since, -place))
    return Proposal(place, _("Newest, %(day)s") % {"day": spoken(sides[place].since)})


def fullest(sides):
    """Propose the fullest spelling: most words that are no initials, then its own letters ("ø" for "oe"), then most."""
    known = [place for place, side in enumerate(sides) if side.text]
    if len(known) == 1:
        return Proposal(known[0], _("The only one known"))
    place = max(known or [0], key=lambda place: (_fullness(sides[place].text), -place))
    best = _fullness(sides[place].text)
    if all(_fullness(sides[one].text) == best for one in known):
        return _agreed(sides, known) or newest(sides)
    return Proposal(place, _("Fullest spelling"))


def oldest(sides):
    """Propose the first that is known, of the record made first: how somebody came to us."""
    known = [place for place, side in enumerate(sides) if side.text] or [0]
    place = min(known, key=lambda place: (sides[place].record.created_at, place))
    if len(known) == 1:
        return Proposal(place, _("The only one known"))
    return Proposal(place, _("First touch, %(day)s") % {"day": spoken(sides[place].record.created_at)})


def furthest(order):
    """Return what proposes the value that stands last in `order`."""

    def propose(sides):
        rank = {value: number for number, value in enumerate(order)}
        place = max(range(len(sides)), key=lambda place: (rank.get(sides[place].value, -1), -place))
        return Proposal(place, _("Furthest along"))

    return propose


def last_in_touch(sides):
    """Propose the owner of the record that somebody was in touch with last; nobody who has left."""
    active = [place for place, side in enumerate(sides) if side.text and side.record.owner.is_active]
    if len(active) == 1:
        others = any(side.text for place, side in enumerate(sides) if place != active[0])
        return Proposal(active[0], _("The only one still with us") if others else _("The only one known"))
    if agreed := _agreed(sides, active):
        return agreed
    spoken_to = [place for place in active if sides[place].record.last_contacted_at]
    if not spoken_to:
        return newest(sides)
    place = max(spoken_to, key=lambda place: (sides[place].record.last_contacted_at, -place))
    day = spoken(sides[place].record.last_contacted_at)
    return Proposal(place, _("Last in touch, %(day)s") % {"day": day})


def _agreed(sides, places):
    """Propose the value that more records hold than any other, if there is one."""
    counts = Counter(sides[place].text.casefold() for place in places).most_common(2)
    if not counts or counts[0][1] < 2 or (len(counts) > 1 and counts[1][1] == counts[0][1]):
        return None
    place = next(place for place in places if sides[place].text.casefold() == counts[0][0])
    if counts[0][1] == len(sides):
        return Proposal(place, _("All agree"))
    return Proposal(place, _("%(some)d of %(all)d agree") % {"some": counts[0][1], "all": len(sides)})


def _fullness(text):
    words = [word for word in text.replace(".", " ").split() if len(word) > 1]
    return (len(words), sum(not sign.isascii() for sign in text), sum(map(len, words)), text != text.upper())


def spoken(moment):
    """Return "30 Sep 2026"."""
    return date_format(timezone.localtime(moment), "j M Y")
