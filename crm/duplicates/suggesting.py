"""Suggestions: pairs that may be one, stored, brought up to date, and answered."""

from __future__ import annotations

import numpy as np
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from crm.duplicates import counting, keeping
from crm.duplicates.kinds import kind_of, numbered
from crm.duplicates.looking import sharing_keys
from crm.duplicates.rows import Suggestion
from crm.matching.clustering import clusters
from crm.matching.comparing import Pairs
from crm.matching.finding import vetoed, weigh, with_answers

LOWEST = -1.0  # log odds: a pair below is not worth a look
NEARLY = 0.01  # log odds


def one_at_a_time(kind):
    """Wait, until the transaction ends, for others who put together suggestions of this kind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('crm.duplicates'), %s)", [kind.number])


def _answers(kind, ids):
    """What people said, as (left, right, same) in places among the ids; None where nobody said anything."""
    rows = Suggestion.objects.filter(kind=kind.number, state__in=Suggestion.ANSWERS)
    said = list(rows.values_list("left", "right", "state"))
    left, right = (np.array([row[side] for row in said], np.int64) for side in (0, 1))
    places = np.searchsorted(ids, left), np.searchsorted(ids, right)
    there = np.ones(len(said), bool)
    for place, wanted in zip(places, (left, right), strict=True):
        there &= np.append(ids, -1)[np.minimum(place, len(ids))] == wanted
    same = np.array([row[2] == Suggestion.State.SAME for row in said], bool)
    return (places[0][there], places[1][there], same[there]) if there.any() else None


def cluster_ids(labels, ids):
    """Return the smallest id of each record's cluster; -1 of a record that stands alone."""
    smallest = np.full(labels.max(initial=0) + 1, np.iinfo(np.int64).max)
    np.minimum.at(smallest, labels, ids)
    return np.where(np.bincount(labels)[labels] > 1, smallest[labels], -1)


def rows(left, right, weight, cluster, codes, rarities):
    """Yield the rows to be stored: (left, right, weight, cluster, levels, rarities). `cluster`: -1 for none."""
    columns = (column.tolist() for column in (left, right, weight, cluster))
    for one, two, odds, number, code, rarity in zip(*columns, codes, rarities, strict=True):
        yield one, two, odds, number if number >= 0 else None, code.tobytes(), rarity.tobytes()


def packed_levels(kind, levels):
    """Return the levels and rarities of pairs as they are stored, a row a pair, in the order of the comparisons."""
    found = [levels[compared.name] for compared in kind.specification.comparisons]
    return np.stack([one.codes for one in found], 1), np.stack([one.rarity for one in found], 1)


def levels_of(kind, rows):
    """Return the levels of rows, {comparison: uint8}; none of a row found by other comparisons than today's."""
    names = [compared.name for compared in kind.specification.comparisons]
    levels = [bytes(row.levels) if len(row.levels) == len(names) else bytes(len(names)) for row in rows]
    codes = np.frombuffer(b"".join(levels), np.uint8).reshape(len(rows), len(names))
    return dict(zip(names, codes.T, strict=True))


def replace(kind, rows, touched, parameters):
    """Let these rows be the suggestions among those the condition `touched` names; answered ones keep their answer.

    A weight that is other by less than NEARLY stays: each record more moves all of them a little.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            'CREATE TEMP TABLE IF NOT EXISTS found_suggestion ("left" bigint, "right" bigint, weight float8,'
            " cluster bigint, levels bytea, rarities bytea) ON COMMIT DROP"
        )
        cursor.execute("TRUNCATE found_suggestion")
        _copy(rows)
        cursor.execute(
            f"DELETE FROM crm_suggestion AS old WHERE kind = %s AND state IN ('open', 'later') AND ({touched})"
            ' AND NOT EXISTS (SELECT FROM found_suggestion f WHERE f."left" = old."left" AND f."right" = old."right")',
            [kind.number, *parameters],
        )
        cursor.execute(
            'INSERT INTO crm_suggestion (kind, "left", "right", weight, cluster, levels, rarities, state)'
            ' SELECT %s, "left", "right", weight, cluster, levels, rarities, \'open\' FROM found_suggestion'
            ' ORDER BY "left", "right" ON CONFLICT (kind, "left", "right") DO UPDATE SET weight = excluded.weight,'
            " cluster = excluded.cluster, levels = excluded.levels, rarities = excluded.rarities"
            " WHERE abs(crm_suggestion.weight - excluded.weight) >= %s"
            " OR (crm_suggestion.cluster, crm_suggestion.levels) IS DISTINCT FROM (excluded.cluster, excluded.levels)",
            [kind.number, NEARLY],
        )


def _copy(rows):
    with connection.connection.cursor() as cursor, cursor.copy("COPY found_suggestion FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@transaction.atomic
def match(model, ids, *, written_at=None):
    """Bring the suggestions of these records up to date, after they were written, trashed or restored.

    `written_at`: when that was; where a full run has looked since, as after an import, nothing is left to do.
    """
    kind = kind_of(model)
    if written_at and counting.looked_since(kind, written_at):
        return
    one_at_a_time(kind)
    _touch(kind, ids)
    keeping.rekey(kind, sorted(ids))
    for pk in sorted(ids):
        _match_one(kind, pk)


def _touch(kind, ids):
    """Tell the full run that is under way that these have been looked at since it began."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO crm_matchtouched (run_id, record) SELECT id, unnest(%s::bigint[]) FROM crm_matchrun"
            " WHERE kind = %s ON CONFLICT DO NOTHING",
            [list(ids), kind.number],
        )


def _match_one(kind, pk):
    there, columns = kind.read([pk])
    others = sharing_keys(kind, kind.specification.standardise(columns), but=pk) if there else []
    rows = list(_compared(kind, pk, others)) if others else []
    replace(kind, rows, '"left" = %s OR "right" = %s', [pk, pk])
    cluster_again(kind, {pk, *(other for row in rows for other in row[:2])})


def _compared(kind, pk, others, *, lowest=LOWEST):
    """Yield the rows of one record with each of the others that it is at least as likely to be as `lowest`."""
    ids, columns = kind.read([*others, pk])
    frame = kind.specification.standardise(columns)
    specification = counting.stand_for_all(kind, frame)
    own = ids.index(pk)
    other = np.array([place for place in range(len(ids)) if place != own])
    left, right = np.minimum(other, own), np.maximum(other, own)
    weight, _veto, levels = weigh(specification, Pairs(frame, left, right))
    codes, rarities = packed_levels(kind, levels)
    for place in np.flatnonzero(weight >= lowest).tolist():
        pair = ids[left[place]], ids[right[place]]
        yield *pair, float(weight[place]), None, codes[place].tobytes(), rarities[place].tobytes()


def cluster_again(kind, ids):
    """Put together anew the records that hang together with these by suggestions."""
    rows = _component(kind, ids)
    if not rows:
        return
    members = sorted({pk for row in rows for pk in (row.left, row.right)})
    places = {pk: place for place, pk in enumerate(members)}
    numbers = np.array(members, np.int64)
    left, right = (np.array([places[getattr(row, side)] for row in rows]) for side in ("left", "right"))
    weight = np.array([row.weight for row in rows], np.float32)
    veto = vetoed(kind.specification, levels_of(kind, rows), len(rows))
    answered = _answers(kind, numbers)
    links = (left, right, weight, veto) if answered is None else with_answers(left, right, weight, veto, answered)
    cluster = cluster_ids(clusters(len(members), *links), numbers)
    changed = []
    for row, one, two, apart in zip(rows, left, right, veto, strict=True):
        together = int(cluster[one]) if cluster[one] == cluster[two] and cluster[one] >= 0 and not apart else None
        if row.cluster != together:
            row.cluster = together
            changed.append(row)
    Suggestion.objects.bulk_update(changed, ["cluster"], batch_size=500)


MOST_STEPS = 20  # of a chain of suggestions; a longer one is put together by the next full run


def _component(kind, ids):
    """Return the suggestions that hang together with these records by likely pairs."""
    known, edge, rows = set(), set(ids), {}
    for _step in range(MOST_STEPS):
        if not edge:
            break
        known |= edge
        near = Suggestion.objects.filter(Q(left__in=edge) | Q(right__in=edge), kind=kind.number).order_by(
            "left", "right"
        )
        found = list(near)
        rows |= {row.pk: row for row in found}
        likely = [row for row in found if row.weight > 0 or row.cluster]
        edge = {pk for row in likely for pk in (row.left, row.right)} - known
    return sorted(rows.values(), key=lambda row: (row.left, row.right))


def compared(model, ids):
    """Return an unsaved Suggestion for every pair of these records, however unlikely: to tell why they may be one."""
    kind, ids, found = kind_of(model), sorted(ids), []
    for place, pk in enumerate(ids[:-1]):
        for left, right, weight, cluster, levels, rarities in _compared(kind, pk, ids[place + 1 :], lowest=-np.inf):
            own = {"weight": weight, "cluster": cluster, "levels": levels, "rarities": rarities}
            found.append(Suggestion(kind=kind.number, left=left, right=right, **own))
    return found


class Answered(Exception):
    """A pair has been answered otherwise meanwhile; `suggestion` is that pair as it stands now."""

    def __init__(self, suggestion):
        super().__init__(f"{suggestion}: {suggestion.state}")
        self.suggestion = suggestion


@transaction.atomic
def answer(suggestion, state, *, by):
    """Note what somebody says to a suggestion; "same" and "not the same" hold for ever, and count in every cluster."""
    kind = numbered(suggestion.kind)
    one_at_a_time(kind)
    _answered(kind, [suggestion], state=state, answered_at=timezone.now(), answered_by=by)


@transaction.atomic
def note(model, pk, answers, *, by):
    """Note what somebody said while they entered a record: {id of another: a state of Suggestion}.

    Waits for nobody: the pairs are put together anew by the increment that follows the save. What was answered before
    stays, unless this says otherwise in so many words ("the same", "not the same").
    """
    kind = kind_of(model)
    others = sorted(set(answers) - {pk})
    for left, right, weight, cluster, levels, rarities in _compared(kind, pk, others, lowest=-np.inf) if others else ():
        state = answers[right if left == pk else left]
        said = {"state": state, "answered_at": timezone.now(), "answered_by": by}
        row, is_new = Suggestion.objects.get_or_create(
            kind=kind.number, left=left, right=right,
            defaults={
                "weight": weight, "cluster": cluster, "levels": levels, "rarities": rarities, **said,
                "answered_weight": weight,
            },
        )  # fmt: skip
        if not is_new and (state in Suggestion.ANSWERS or row.state not in Suggestion.ANSWERS):
            Suggestion.objects.filter(pk=row.pk).update(**said, answered_weight=weight)


def settle_among(model, ids, *, by):
    """Note "the same" at the pairs among these records that nobody has answered; waits for nobody, as `note`."""
    kind = kind_of(model)
    if kind is not None:
        rows = Suggestion.objects.filter(kind=kind.number, left__in=ids, right__in=ids)
        said = {"state": Suggestion.State.SAME, "answered_at": timezone.now(), "answered_by": by}
        rows.filter(state__in=Suggestion.UNANSWERED).update(**said, answered_weight=F("weight"))


def told_apart(model, survivor, others):
    """Return the ids of records that somebody told apart from one of these `others`, and nobody from the survivor."""
    kind = kind_of(model)
    if kind is None:
        return []
    ids = {survivor, *others}
    rows = Suggestion.objects.filter(Q(left__in=ids) | Q(right__in=ids), kind=kind.number, state__in=Suggestion.ANSWERS)
    pairs = [({row.left, row.right}, row.state) for row in rows]
    settled_ids = {pk for pair, _state in pairs if survivor in pair for pk in pair}
    apart = {pk for pair, state in pairs if state == Suggestion.State.NOT_SAME for pk in pair}
    return sorted(apart - ids - settled_ids)


def forget_answers(model, pk, others, *, by, since):
    """Let the pairs of a record with these others wait again that `by` has told apart at or after a moment."""
    kind = kind_of(model)
    pairs = [(min(pk, other), max(pk, other)) for other in others]
    for left, right in pairs if kind else ():
        rows = Suggestion.objects.filter(kind=kind.number, left=left, right=right, state=Suggestion.State.NOT_SAME)
        open_again = {"state": Suggestion.State.OPEN, "answered_at": None, "answered_by": None}
        rows.filter(answered_by=by, answered_at__gte=since).update(**open_again)


def reopen_among(model, ids, *, by, since):
    """Let the pairs among these records wait again that `by` has called the same at or after a moment."""
    kind = kind_of(model)
    if kind is not None:
        rows = Suggestion.objects.filter(kind=kind.number, left__in=ids, right__in=ids, state=Suggestion.State.SAME)
        open_again = {"state": Suggestion.State.OPEN, "answered_at": None, "answered_by": None}
        rows.filter(answered_by=by, answered_at__gte=since).update(**open_again)


def settled(model, pk):
    """Return the ids of the records about which somebody said already what is to become of them and this one."""
    rows = Suggestion.objects.filter(Q(left=pk) | Q(right=pk), kind=kind_of(model).number)
    said = rows.exclude(state=Suggestion.State.OPEN).values_list("left", "right")
    return {left if right == pk else right for left, right in said}


@transaction.atomic
def answer_together(kind, ids, state, *, by):
    """Note one answer to all these waiting suggestions of a kind; return those that did not have it yet.

    Said twice it holds once. Raises Answered if one has another answer meanwhile, Suggestion.DoesNotExist if one is
    gone: nothing is written then.
    """
    one_at_a_time(kind)
    rows = list(Suggestion.objects.filter(kind=kind.number, pk__in=ids).order_by("pk"))
    if len(rows) < len(set(ids)):
        raise Suggestion.DoesNotExist
    waiting = set(Suggestion.objects.waiting().filter(pk__in=ids).values_list("pk", flat=True))
    for row in rows:
        if row.pk not in waiting and row.state != state:
            raise Answered(row)
    new = [row for row in rows if row.pk in waiting]
    _answered(kind, new, state=state, answered_at=timezone.now(), answered_by=by)
    return new


@transaction.atomic
def take_back(kind, ids):
    """Let these suggestions of a kind wait again, whatever was said to them; return how many had an answer."""
    one_at_a_time(kind)
    rows = list(Suggestion.objects.filter(kind=kind.number, pk__in=ids).exclude(state=Suggestion.State.OPEN))
    _answered(kind, rows, state=Suggestion.State.OPEN, answered_at=None, answered_by=None)
    return len(rows)


def _answered(kind, rows, **said):
    if rows:
        Suggestion.objects.filter(pk__in=[row.pk for row in rows]).update(**said, answered_weight=F("weight"))
        cluster_again(kind, {pk for row in rows for pk in (row.left, row.right)})
