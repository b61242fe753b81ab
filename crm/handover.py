"""Records change hands: those of somebody who leaves, or their team's number when their owner changes team.

Worked off in steps by id, each a transaction; what has moved is found no more, so nothing moves twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from crm import history
from crm.access import policies

STEP = 200  # rows a transaction


@dataclass(frozen=True)
class Habit:
    """What is special about handing over one kind. `goes(rows)`: those of the leaver's rows that go to another owner;
    `stays(rows)`, `why`: those that do not, and the reason in words; `then(ids)` brings what follows up to date.
    `keeps_all`: the kind never changes hands."""

    keeps_all: bool = False
    goes: Callable = lambda rows: rows
    stays: Callable | None = None
    why: object = ""
    then: Callable | None = None


PLAIN = Habit()
_habits: dict[type, Habit] = {}


def register(model, **special):
    """Say what is special about a kind of record. Kinds that say nothing go with all their rows, those in the trash
    too."""
    _habits[model] = Habit(**special)


def models():
    """Return every kind of record by its name."""
    return {kind: policy.model for kind, policy in policies().items()}


def habit(model):
    return _habits.get(model, PLAIN)


def owned(model, owner):
    """Return what somebody owns of a kind: the live records and those in the trash, as two sets with an index each.

    Merged records have no owner of their own.
    """
    rows = model.objects.unscoped(because="an administrator hands over what they may not read").filter(owner=owner)
    return [rows.live(), rows.trashed()]


def going(model, owner):
    """Return the sets that go to another owner."""
    special = habit(model)
    return [] if special.keeps_all else [special.goes(rows) for rows in owned(model, owner)]


def staying(model, owner):
    """Return the sets that stay in their owner's name."""
    stays = habit(model).stays
    return [stays(rows) for rows in owned(model, owner)] if stays else []


def strays(model, owner):
    """Return the sets of what somebody owns that counts for another team than theirs."""
    return [rows.exclude(team=owner.team_id) for rows in owned(model, owner)]


def move(rows, *, owner):
    """Give the next STEP of these rows to `owner` and their team; return how many moved, None if none were left.

    The caller's transaction. Found by their owner and locked in the order of their ids: to look for them in that
    order would walk the whole table for somebody who has little.
    """
    found = sorted(rows.order_by().values_list("pk", flat=True)[:STEP])
    if not found:
        return None
    locked = rows.filter(pk__in=found).order_by("pk").select_for_update(of=("self",))
    ids = list(locked.values_list("pk", flat=True))
    model = rows.model
    ours = model.objects.unscoped(because="locked just now").filter(pk__in=ids)
    ours.update(owner=owner, team=owner.team_id, updated_by=history.actor_id())
    then = habit(model).then
    if ids and then:
        then(ids)
    return len(ids)


def reason(giver, taker):
    """Return what the history says about each record."""
    return str(_("handed over from %(giver)s to %(taker)s")) % {
        "giver": giver.get_full_name(),
        "taker": taker.get_full_name(),
    }


def team_reason(owner):
    return str(_("moved to the team of %(owner)s")) % {"owner": owner.get_full_name()}
