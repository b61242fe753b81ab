"""The certain band among stored suggestions: which clusters a user has in it, and what people answered to its pairs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from crm.duplicates.rows import PUT_OFF_DAYS, Suggestion
from crm.duplicates.suggesting import compared, levels_of
from crm.matching.certain import lower_bound
from crm.matching.finding import vetoed

NEWEST = 5_000  # answers
MOST_CLUSTERS = 1_000  # looked at in one go, the surest
WINDOW = 3 * MOST_CLUSTERS  # pairs by which they are found
MOST_PAIRS = 20_000  # of these clusters
APART, VETO, LATER, UNSURE, GONE = "apart", "veto", "later", "unsure", "gone"
State = Suggestion.State


@dataclass(frozen=True)
class Answers:
    """What people said to pairs that were in the band when they said it: to how many, and to how many "the same"."""

    number: int
    same: int

    @property
    def share(self):
        """The share that were the same, 0 to 1; None where nobody was asked."""
        return self.same / self.number if self.number else None

    @property
    def least(self):
        """The lower 95 % confidence bound of that share, 0 to 1."""
        return lower_bound(self.same, self.number)


@dataclass(frozen=True)
class Cluster:
    """Records that are put together, ids ascending; the weight of the weakest pair; why they are left, "" if not."""

    ids: tuple[int, ...]
    weight: float
    why: str = ""


def answers(kind):
    """Return the Answers to the newest pairs of the band.

    A pair counts by what it weighed when it was answered, as later weights have learnt from the answer; what a rule
    keeps apart is not in the band. A merge that nobody looked at is no answer.
    """
    then = Coalesce("answered_weight", "weight")
    rows = Suggestion.objects.answered().filter(kind=kind.number).alias(then=then).filter(then__gte=_least(kind))
    rows = list(rows.order_by("-answered_at", "-id").only("state", "levels")[:NEWEST])
    free = ~_vetoed(kind, rows)
    same = np.array([row.state == State.SAME for row in rows], bool)
    return Answers(int(free.sum()), int((free & same).sum()))


def clusters(kind, user, most=MOST_CLUSTERS):
    """Return ([Cluster] with a certain pair among those a user may change, the surest first; whether there are more).

    Those that are not certain as a whole, or that somebody or a rule keeps apart, say why in `why`.
    """
    opened = Suggestion.objects.editable_by(user, kind).waiting()
    first = opened.filter(weight__gte=_least(kind), cluster__isnull=False).order_by("-weight", "-id")
    found = list(first.values_list("cluster", flat=True)[:WINDOW])
    names = list(dict.fromkeys(found))
    members = defaultdict(set)
    rows = Suggestion.objects.filter(kind=kind.number, cluster__in=names[:most])
    for cluster, left, right in rows.values_list("cluster", "left", "right")[:MOST_PAIRS]:
        members[cluster] |= {left, right}
    groups = [tuple(sorted(members[name])) for name in names[:most] if name in members]
    return judged(kind, user, groups), len(names) > most or len(found) == WINDOW


def judged(kind, user, groups):
    """Return a Cluster for each tuple of ids, as things stand: two queries."""
    place = {pk: number for number, ids in enumerate(groups) for pk in ids}
    within, linked = _around(kind, place)
    pairs = defaultdict(list)
    for row, veto in zip(within, _vetoed(kind, within), strict=True):
        pairs[place[row.left]].append((row, veto))
    open_ids = set(kind.model.objects.editable_by(user).filter(pk__in=place).values_list("pk", flat=True))
    missing = GONE if user.access.scope(kind.name, "edit") == "all" else UNSURE  # what is hidden is not told of
    return [
        _judged(kind, ids, pairs[number], missing if not open_ids.issuperset(ids) else "", number in linked)
        for number, ids in enumerate(groups)
    ]


def _around(kind, place):
    """Return (the pairs within groups, the numbers of groups on which a further record hangs).

    `place`: {id: number of its group}. Such a record stands in the same cluster, or is as likely one of it and was kept
    out by something said about another of it.
    """
    near, told = Q(left__in=place) | Q(right__in=place), Q(weight__gte=_least(kind)) | Q(cluster__isnull=False)
    rows = Suggestion.objects.filter(Q(left__in=place, right__in=place) | near & told, kind=kind.number)
    rows = list(rows.order_by("pk")[:MOST_PAIRS])
    within = [row for row in rows if place.get(row.left, -1) == place.get(row.right, -2)]
    across = [row for row in rows if place.get(row.left, -1) != place.get(row.right, -2)]
    hanging = [row for row, veto in zip(across, _vetoed(kind, across), strict=True) if _hangs(kind, row, veto)]
    return within, {place[pk] for row in hanging for pk in (row.left, row.right) if pk in place}


def _hangs(kind, row, veto):
    likely = row.weight >= _least(kind) and not veto and row.state != State.NOT_SAME
    return likely or row.cluster is not None


def _judged(kind, ids, pairs, missing, is_linked):
    weakest = min((row.weight for row, _veto in pairs), default=0.0)
    states = {row.state for row, _veto in pairs}
    sure = [row for row, _veto in pairs if row.weight >= _least(kind) or row.state == State.SAME]
    if State.NOT_SAME in states:
        why = APART
    elif any(veto for _row, veto in pairs):
        why = VETO
    elif missing:
        why = missing
    elif any(_is_put_off(row) for row, _veto in pairs):
        why = LATER
    else:
        whole = len(sure) == len(ids) * (len(ids) - 1) // 2
        why = "" if whole and not is_linked else UNSURE
    return Cluster(ids, weakest, why)


def _is_put_off(row):
    return row.state == State.LATER and row.answered_at > timezone.now() - timedelta(days=PUT_OFF_DAYS)


def is_certain_now(kind, ids):
    """Whether each pair of these records is certain as they are at this moment, compared anew; answers count."""
    rows = compared(kind.model, ids)
    said = Suggestion.objects.filter(kind=kind.number, left__in=ids, right__in=ids, state=State.SAME)
    same = set(said.values_list("left", "right"))
    sure = (row.weight >= _least(kind) or (row.left, row.right) in same for row in rows)
    return len(rows) == len(ids) * (len(ids) - 1) // 2 and all(sure) and not _vetoed(kind, rows).any()


def _vetoed(kind, rows):
    return vetoed(kind.specification, levels_of(kind, rows), len(rows))


def _least(kind):
    """Return the log odds from which a pair of a kind is certain."""
    return kind.specification.certain_weight
