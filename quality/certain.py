"""Merging the certain ones of a kind: how right that is known to be, whether it may be on, and what would be merged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from crm import duplicates, merging, parsing
from crm.duplicates import certain as band
from crm.matching.certain import Measured, least_answers
from crm.merging import choosing
from crm.undo import Act
from quality import worklist
from quality.models import BulkMergeItem, CertainRule
from quality.proposals import proposed

REFUSED_BELOW = 0.95  # lower bound of the share that is right: below it stays off
WARNED_BELOW = 0.99  # below, whoever switches it on says that they know
LEAST_ANSWERS = least_answers(REFUSED_BELOW)
ENOUGH_ANSWERS = least_answers(WARNED_BELOW)
Outcome = BulkMergeItem.Outcome
SHOWN = 25  # clusters of the preview
CHANGED, MANY, PARTED, ODDS, REFUSED = "changed", "many", "parted", "odds", "refused"
WHY = {
    band.UNSURE: _("Not every pair of it is certain, or a further record hangs on it"),
    band.APART: _("Somebody said that two of it are not the same"),
    band.VETO: _("A rule keeps two of it apart, such as junior and senior"),
    band.LATER: _("Somebody put it off"),
    band.GONE: _("A record of it is in the trash, merged, or not yours to change"),
    ODDS: _("Two values that are known to be right differ, such as birthdays"),
    PARTED: _("Two of it were merged before and taken apart"),
    MANY: _("More records than one merge takes"),
    CHANGED: _("Changed since the list was made"),
    REFUSED: _("The merged record would break a rule"),
}
"""Why a cluster is left for people, in the order in which it is looked for."""


@dataclass(frozen=True)
class Verdict:
    """What is known of the certain band of a kind, and what follows: it may be switched on, with a warning, or not."""

    kind: duplicates.Kind
    answers: band.Answers
    measured: Measured | None

    @property
    def is_refused(self):
        return self.answers.least < REFUSED_BELOW

    @property
    def is_warned(self):
        return not self.is_refused and self.answers.least < WARNED_BELOW

    @property
    def one_in(self):
        """Of how many merges one may be wrong, by the lower bound."""
        wrong = 1 - self.answers.least
        return max(1, int(1 / wrong)) if wrong > 0 else 0


@dataclass(frozen=True)
class Ready:
    """A cluster that would be merged: its ids in ascending order, and the version of each record."""

    ids: tuple[int, ...]
    versions: tuple[int, ...]

    @property
    def seen(self):
        """The same as text: "12.3-45.7"."""
        return "-".join(f"{pk}.{version}" for pk, version in zip(self.ids, self.versions, strict=True))


@dataclass
class Listed:
    """What would be merged now; `why`: {ids: reason} of what is left for people; `more`: a run does not reach all."""

    ready: list[Ready] = field(default_factory=list)
    why: dict[tuple[int, ...], str] = field(default_factory=dict)
    more: bool = False

    @property
    def left(self):
        """{reason: clusters}."""
        return Counter(self.why.values())

    @property
    def seen(self):
        return " ".join(one.seen for one in self.ready)

    @property
    def reasons(self):
        return told(self.left)


def told(left):
    """Return [(reason in words, clusters)] in the order of WHY."""
    return [(words, left[key]) for key, words in WHY.items() if left.get(key)]


def kinds_of(user):
    """Return {name of a kind in addresses: Kind} of those that can be merged and of which the user may change any."""
    return {str(kind.model._meta.model_name): kind for kind in worklist.kinds_of(user) if merging.mergeable(kind.model)}


def verdict(kind):
    return Verdict(kind, band.answers(kind), Measured.read(kind.specification.certain_file))


def rule(kind):
    """Return the rule of a kind; one that is off where nobody has switched it yet."""
    return CertainRule.objects.filter(kind=kind.number).select_related("by").first() or CertainRule(kind=kind.number)


def listed(kind, user):
    """Return what a run of this user would merge now, the surest first: a bounded number of queries."""
    clusters, more = band.clusters(kind, user)
    found, free = Listed(more=more), []
    for one in clusters:
        if why := one.why or (MANY if len(one.ids) > merging.MOST else ""):
            found.why[one.ids] = why
        else:
            free.append(one.ids)
    records = _records(kind, free, user)
    apart, odd = merging.parted_before(kind.model, list(records)), _odd(kind, records, user)
    for ids in free:
        if why := _why_not(ids, records, apart, odd):
            found.why[ids] = why
        else:
            found.ready.append(Ready(ids, tuple(records[pk].version for pk in ids)))
    return found


def _records(kind, groups, user):
    ids = [pk for group in groups for pk in group]
    return kind.model.objects.editable_by(user).select_related("owner").in_bulk(ids) if ids else {}


def _odd(kind, records, user):
    """Return a function that says whether a group of records differs in what is known to be right."""
    known = choosing.Known(merging.mergeable(kind.model), list(records.values()), user)
    return lambda ids: known.are_at_odds([records[pk] for pk in ids])


def _why_not(ids, records, apart, odd):
    if any(pk not in records for pk in ids):
        return band.GONE
    if any(len(group & set(ids)) > 1 for group in apart):
        return PARTED
    return ODDS if odd(ids) else ""


def why_not_now(kind, ids, user):
    """Return why these records are not to be merged unseen as things stand, "" if they may be.

    Whoever calls it holds the turn of those who answer (`duplicates.one_at_a_time`).
    """
    [one] = band.judged(kind, user, [tuple(ids)])
    if one.why:
        return one.why
    records = _records(kind, [ids], user)
    apart, odd = merging.parted_before(kind.model, list(ids)), _odd(kind, records, user)
    return _why_not(ids, records, apart, odd) or ("" if band.is_certain_now(kind, list(ids)) else CHANGED)


def previews(kind, ready, user):
    """Return the Proposed of some clusters."""
    records = _records(kind, [one.ids for one in ready], user)
    groups = [
        sorted((records[pk] for pk in one.ids), key=lambda record: (record.created_at, record.pk)) for one in ready
    ]
    return proposed(kind.model, groups, user)


def read_seen(text):
    """Return {ids: versions} out of what `Listed.seen` gave. Raises BadInput for what is none."""
    found = {}
    for group in text.split():
        pairs = [one.partition(".") for one in group.split("-")]
        ids = tuple(parsing.identifier(pk) for pk, _dot, _version in pairs)
        found[ids] = tuple(parsing.whole(version, high=2**31 - 1) for _pk, _dot, version in pairs)
        if len(pairs) > merging.MOST or len(found) > band.MOST_CLUSTERS:
            raise parsing.BadInput(_("That is too much at once."))
    return found


@dataclass
class Tally:
    """What became of the clusters of a run: {outcome: clusters}, and {reason: clusters} of those left, with those left
    when its list was made."""

    outcomes: Counter = field(default_factory=Counter)
    left: Counter = field(default_factory=Counter)


def outcome_now(outcome, state):
    """Return what became of a cluster by now: a merge of which only the act was undone is taken apart, too."""
    apart = {Act.State.UNDONE: Outcome.PARTED, Act.State.UNDOING: Outcome.PARTED, Act.State.PARTLY: Outcome.PARTLY}
    return apart.get(state, outcome) if outcome == Outcome.MERGED else outcome


def tallies(runs):
    """Return {id of a run: Tally}: one query for all of them."""
    found = {run.pk: Tally(left=Counter(run.left)) for run in runs}
    rows = BulkMergeItem.objects.filter(run__in=found).order_by().values_list("run", "outcome", "why", "act__state")
    for pk, outcome, why, state, number in rows.annotate(Count("pk")):
        found[pk].outcomes[outcome_now(outcome, state)] += number
        if outcome == Outcome.LEFT:
            found[pk].left[why] += number
    return found
