"""The full run: all records of a kind compared, in parts that any worker takes.

Four stages, the parts of each knowing nothing of one another: *keys*, only where they are to be derived anew (a range
of ids), *read* (a range of ids: standard columns, counts, entries of blocks), *block* (a group of keys: the pairs that
share a block) and *compare* (a slice of the pairs). A part is a row that whoever is at it has locked: when a worker is
killed the database takes its part back with the connection. What a part has made is written as a piece together with
the note that it is done. At the end one transaction, in turn with the increments, puts all together; what these looked
at meanwhile stands as they found it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from time import sleep

import numpy as np
import psycopg
from django.db import connection, transaction
from django.db.models import Count, F, Max
from django.utils import timezone

from crm.duplicates import counting, keeping, learning, suggesting
from crm.duplicates.kinds import kind_of, kinds, numbered
from crm.duplicates.reading import Between
from crm.duplicates.rows import MatchPart, MatchRun, Suggestion
from crm.matching.blocking import LargeBlocks, distinct, entries_of, pairs_among
from crm.matching.clustering import clusters
from crm.matching.columns import SMALLEST_POPULATION
from crm.matching.comparing import Levels
from crm.matching.finding import MARGIN, weigh_many, weight_of, weights_adapted, with_answers
from crm.matching.packing import joined_frame, packed, packed_frame, unpacked

Stage = MatchRun.Stage
RANGE = 2_048  # ids; parts are made of whole ranges
READ_AT_ONCE = 50_000  # records
PAIRS_AT_ONCE = 1_000_000
GROUPS = 4  # of keys
LARGEST_ID = 2**32  # two of them are packed into 64 bits
KEPT = timedelta(hours=6)  # a run that nobody went on with for so long begins anew
WAIT = 0.02  # seconds, until it is asked again whether the others are done


@dataclass(frozen=True)
class Looked:
    """What a full run found: how many suggestions, and the blocks that a cap left out, by kind of key."""

    suggestions: int
    large: list[LargeBlocks]


def match_all(model, *, call=lambda _run, _parts: None, beat=lambda: None):
    """Find all duplicates among the live records of a kind and store them; return Looked.

    Counts are taken anew, weights learnt from the answers, answers kept. Records that have no keys yet, or those of an
    older specification, are given theirs. `call(run, parts)`: asks others for help with as many parts of the run of
    this id, who do `help_with(run)`. `beat()` is called before each part. Called again after a try that was broken off,
    it goes on with what that left.
    """
    kind = kind_of(model)
    run = _begun(kind)
    with suppress(MatchRun.DoesNotExist):  # another has ended it
        for stage in Stage:
            if (parts := _laid_out(run, stage)) > 1:
                call(run.pk, parts)
            while run.parts.filter(stage=stage, done=False).exists():
                beat()
                if not _take(run.pk, stage):
                    sleep(WAIT)
        return _ended(run, kind)
    return Looked(_number(kind), [])


def help_with(run_id):
    """Do parts of a run until none is free; return how many."""
    done = 0
    while _take(run_id):
        done += 1
    return done


def without_keys():
    """Return the kinds that have no keys, as after a crash of the database, and no full run that builds them."""
    return [kind for kind in kinds() if not keeping.are_built(kind) and not _under_way(kind).filter(rebuilds=True)]


def _under_way(kind):
    since = timezone.now() - KEPT
    wanted = {"specification": kind.specification.keys_fingerprint, "begun_at__gt": since}
    return MatchRun.objects.filter(kind=kind.number, **wanted)


@transaction.atomic
def _begun(kind):
    """Return the run of a kind that is under way, or a new one."""
    suggesting.one_at_a_time(kind)
    if run := _under_way(kind).first():
        return run
    MatchRun.objects.filter(kind=kind.number).delete()
    rows = _rows_of(kind).aggregate(last=Max("pk"), number=Count("pk"))
    last = rows["last"] or 1
    if last >= LARGEST_ID:
        raise ValueError(f"{kind.name}: the ids of full runs end at {LARGEST_ID}, this is {last}")
    return MatchRun.objects.create(
        kind=kind.number, specification=kind.specification.keys_fingerprint,
        rebuilds=not keeping.are_built(kind), bits=last.bit_length(),
        groups=GROUPS if rows["number"] > READ_AT_ONCE else 1,
    )  # fmt: skip


def _rows_of(kind):
    return kind.model.objects.unscoped(because="all records are matched").live().order_by()


@transaction.atomic
def _laid_out(run, stage):
    """Write the parts of a stage, unless they are there; return how many are open. Another may do the same just now."""
    MatchRun.objects.select_for_update(no_key=True).get(pk=run.pk)
    if not run.parts.filter(stage=stage).exists():
        ranges = LAID_OUT[stage](run)
        MatchPart.objects.bulk_create(
            MatchPart(run=run, stage=stage, number=number, first=first, end=end)
            for number, (first, end) in enumerate(ranges)
        )
    return run.parts.filter(stage=stage, done=False).count()


def _take(run_id, stage=None):
    """Do a part that nobody is at; return whether there was one."""
    with transaction.atomic():
        free = MatchPart.objects.filter(run=run_id, done=False, **({"stage": stage} if stage else {}))
        part = free.select_for_update(skip_locked=True).order_by("pk").first()
        if part is None:
            return False
        run = part.run
        DONE[Stage(part.stage)](run, numbered(run.kind), part)
        part.done = True
        part.save(update_fields=["done"])
        return True


# Pieces


def _put(run, name, number, arrays):
    """Keep what a part has made. Past the ORM, whose cursor would write the bytes as text."""
    row = (run.pk, name, number, packed(arrays))
    psycopg.Cursor(connection.connection).execute(
        "INSERT INTO crm_matchpiece (run_id, name, number, data) VALUES (%s, %s, %s, %b)", row
    )


def _pieces(run, name, number=None):
    """Return the pieces of a name in the order of their numbers, or the one of this number in a list."""
    cursor = psycopg.Cursor(connection.connection)
    cursor.execute(
        "SELECT data FROM crm_matchpiece WHERE run_id = %s AND name = %s AND number = coalesce(%s, number)"
        " ORDER BY number",
        (run.pk, name, number),
        binary=True,
    )
    return [unpacked(row[0]) for row in cursor]


# Keys, read: ranges of ids


def _ranges(run, most):
    """Return the ranges of ids, (first, end), each with about so many records at most."""
    slices = _rows_of(numbered(run.kind)).annotate(slice=F("pk") / RANGE).values_list("slice")
    found, size = [], most
    for place, number in slices.annotate(number=Count("pk")).order_by("slice"):
        if size + number > most:
            found.append([place * RANGE, 0])
            size = 0
        size += number
        found[-1][1] = (place + 1) * RANGE
    return found


def _derive_keys(_run, kind, part):
    ids = _rows_of(kind).filter(pk__gte=part.first, pk__lt=part.end).order_by("pk")
    keeping.rekey(kind, list(ids.values_list("pk", flat=True)))


def _read(run, kind, part):
    ids, columns = kind.read(Between(part.first, min(part.end, 1 << run.bits)))
    if not ids:
        return
    specification, numbers = kind.specification, np.asarray(ids, np.uint64)
    frame = specification.standardise(columns)
    for group, keys in enumerate(_groups(run, specification)):
        entries = {key.name: entries_of(key.hashes(frame), numbers, run.bits) for key in keys}
        _put(run, f"entries {group}", part.number, entries)
    counts = counting.counts_of(specification, frame)
    held = {f"{name} {what}": array for name, two in counts.items() for what, array in zip(HELD, two, strict=True)}
    _put(run, "counts", part.number, {"size": np.array(len(ids)), **held})
    _put(run, "frame", part.number, {"ids": numbers.astype(np.int64), **packed_frame(frame)})


HELD = ("hashes", "numbers")


def _groups(run, specification):
    return [specification.keys[group :: run.groups] for group in range(run.groups)]


# Block: a group of keys


def _block(run, kind, part):
    pieces, found, large = _pieces(run, f"entries {part.number}"), [], []
    for key in _groups(run, kind.specification)[part.number]:
        entries = np.sort(np.concatenate([np.empty(0, np.uint64), *(piece[key.name] for piece in pieces)]))
        pairs, left_out = pairs_among(entries, run.bits, key.cap)
        found.append(pairs)
        large.append((kind.specification.keys.index(key), *left_out))
    _put(run, "block", part.number, {"pairs": distinct(np.concatenate(found)), "large": np.array(large)})


# Compare: a slice of the pairs


def _slices(run):
    """Put together what the parts so far have found; return the ranges of the slices of pairs."""
    kind = numbered(run.kind)
    pairs = distinct(np.concatenate([np.empty(0, np.int64), *(piece["pairs"] for piece in _pieces(run, "block"))]))
    held = _pieces(run, "counts")
    population = sum(int(piece["size"]) for piece in held)
    counts: dict = {"size": np.array(population)}
    for name in kind.specification.counted if held else ():
        both = counting.added([tuple(piece[f"{name} {what}"] for what in HELD) for piece in held])
        counts |= {f"{name} {what}": array for what, array in zip(HELD, both, strict=True)}
    _put(run, "counted", 0, counts)
    run.weights = learning.as_told(learning.taught(kind, kind.specification, population)[0])
    run.save(update_fields=["weights"])
    number = -(-len(pairs) // PAIRS_AT_ONCE)
    if run.groups > 1:
        number = max(number, 2)  # workers
    for place, slice_ in enumerate(np.array_split(pairs, number) if len(pairs) else ()):
        _put(run, "pairs", place, {"pairs": slice_})
    return [(0, 0)] * (number if len(pairs) else 0)


def _counted(run):
    """Return (population, {column: (hashes, numbers)})."""
    [counts] = _pieces(run, "counted")
    names = [name.removesuffix(" hashes") for name in counts if name.endswith(" hashes")]
    held = {name: tuple(counts[f"{name} {what}"] for what in HELD) for name in names}
    return int(counts["size"]), held


def _compare(run, kind, part):
    [piece] = _pieces(run, "pairs", part.number)
    left, right = piece["pairs"] >> 32, piece["pairs"] & 0xFFFFFFFF
    population, counts = _counted(run)
    specification = learning.weighing_by(kind, run.weights)
    ids = distinct(np.concatenate([left, right]))
    frame = _frame(run, specification, ids)
    counting.stand_for(frame, population, counts)
    places = np.searchsorted(ids, left), np.searchsorted(ids, right)
    left, right, weight, veto, levels = weigh_many(specification, frame, *places, suggesting.LOWEST - MARGIN)
    codes, rarities = suggesting.packed_levels(kind, levels)
    found = {"left": ids[left], "right": ids[right], "veto": veto}
    _put(run, "found", part.number, {**found, "codes": codes, "rarities": rarities})


def _frame(run, specification, ids):
    """Return the frame of these records, from the pieces that were read."""
    pieces = _pieces(run, "frame")
    chosen = [np.flatnonzero(np.isin(piece["ids"], ids, assume_unique=True)) for piece in pieces]
    return joined_frame(pieces, chosen, specification.derivations)


LAID_OUT = {
    Stage.KEYS: lambda run: _ranges(run, keeping.AT_ONCE) if run.rebuilds else [],
    Stage.READ: lambda run: _ranges(run, READ_AT_ONCE),
    Stage.BLOCK: lambda run: [(0, 0)] * run.groups,
    Stage.COMPARE: _slices,
}
DONE = {Stage.KEYS: _derive_keys, Stage.READ: _read, Stage.BLOCK: _block, Stage.COMPARE: _compare}


# The end


@transaction.atomic
def _ended(run, kind):
    """Store what all parts found, as far as no increment has looked at it meanwhile."""
    suggesting.one_at_a_time(kind)
    run.refresh_from_db()
    large = [row for piece in _pieces(run, "block") for row in piece["large"].tolist()]
    touched = set(run.matchtouched_set.values_list("record", flat=True))
    population, counts = _counted(run)
    found = _found(_pieces(run, "found"), kind)
    version, weight = _weighed(kind, population, found)
    _store(kind, found, weight, touched)
    counting.write_counts(kind, population, version, counts)
    counting.note_looked(kind, run.begun_at)
    if run.rebuilds:
        keeping.note_built(kind)
    run.delete()
    suggesting.cluster_again(kind, touched)
    names = [key.name for key in kind.specification.keys]
    return Looked(_number(kind), [LargeBlocks(names[key], *counts) for key, *counts in large if counts[0]])


def _number(kind):
    return Suggestion.objects.filter(kind=kind.number).count()


def _found(pieces, kind):
    """Return all that was compared as one: {name: array}."""
    if pieces:
        return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    width = len(kind.specification.comparisons)
    shapes = {"left": 0, "right": 0, "veto": 0, "codes": (0, width), "rarities": (0, width)}
    types = {"veto": bool, "codes": np.uint8, "rarities": np.float32}
    return {name: np.empty(shape, types.get(name, np.int64)) for name, shape in shapes.items()}


def _weighed(kind, population, found):
    """Return (the version of the weights in use from now on, what all pairs weigh by them)."""
    names = [compared.name for compared in kind.specification.comparisons]
    levels = {name: Levels(found["codes"][:, place], found["rarities"][:, place]) for place, name in enumerate(names)}
    known = max(population, SMALLEST_POPULATION)
    weight = weight_of(kind.specification, known, levels)
    specification, weight = weights_adapted(kind.specification, known, weight, levels)
    version, specification = learning.take_into_use(kind, *learning.taught(kind, specification, population))
    return version, weight_of(specification, known, levels)


def _store(kind, found, weight, touched):
    kept = weight >= suggesting.LOWEST
    if touched:
        seen = np.array(sorted(touched), np.int64)
        kept &= ~(np.isin(found["left"], seen) | np.isin(found["right"], seen))
    left, right, veto, codes, rarities = (found[name][kept] for name in ("left", "right", "veto", "codes", "rarities"))
    weight, said = weight[kept], _answers(kind)
    ids = distinct(np.concatenate([left, right, said[0], said[1]]))
    one, two = np.searchsorted(ids, left), np.searchsorted(ids, right)
    links = (one, two, weight, veto)
    if len(said[2]):
        links = with_answers(*links, (np.searchsorted(ids, said[0]), np.searchsorted(ids, said[1]), said[2]))
    labels = clusters(len(ids), *links)
    cluster = suggesting.cluster_ids(labels, ids)
    together = (labels[one] == labels[two]) & ~veto
    rows = suggesting.rows(left, right, weight, np.where(together, cluster[one], -1), codes, rarities)
    untouched = 'NOT ("left" = ANY(%s) OR "right" = ANY(%s))'
    suggesting.replace(kind, rows, untouched, [list(touched), list(touched)])


def _answers(kind):
    """What people said of live records, as (left, right, same)."""
    said = list(Suggestion.objects.answered().filter(kind=kind.number).values_list("left", "right", "state"))
    asked = {pk for row in said for pk in row[:2]}
    live = set(_rows_of(kind).filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()
    said = [row for row in said if row[0] in live and row[1] in live]
    left, right = (np.array([row[side] for row in said], np.int64) for side in (0, 1))
    return left, right, np.array([row[2] == Suggestion.State.SAME for row in said], bool)
