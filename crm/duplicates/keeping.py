"""Blocking keys, kept in the transaction that writes what they come from."""

import numpy as np
from django.db import connection, transaction

from crm.duplicates.kinds import kind_of
from crm.duplicates.rows import BuiltKeys, MatchKey

AT_ONCE = 5_000  # records whose keys are derived in one go
FEW = 100  # records whose keys are compared with those there rather than looked for first


def keys_of(specification, frame):
    """Return (places, keys as signed 64 bits, caps) of all blocking keys of a frame, none twice for a record."""
    places, hashes, caps = [], [], []
    for key in specification.keys:
        found = key.hashes(frame)
        slot, place = np.nonzero(found)
        places.append(place)
        hashes.append(found[slot, place].view(np.int64))
        caps.append(np.full(len(place), key.cap))
    table = np.stack([np.concatenate(places), np.concatenate(hashes), np.concatenate(caps)])
    return np.unique(table, axis=1)


def keys_of_one(specification, frame):
    """Return {key as signed 64 bits: cap} of the one record of a frame: what `keys_of` gives, sooner."""
    return {_signed(key): one.cap for one in specification.keys for key in one.hashes_of_one(frame)}


def strong_keys(specification, frame):
    """Return the set of those keys of the one record of a frame that the specification calls strong."""
    named = [key for key in specification.keys if key.name in specification.strong]
    return {_signed(key) for one in named for key in one.hashes_of_one(frame)}


def _signed(key):
    return key - (1 << 64) if key >> 63 else key


def take_turns(model, columns):
    """Wait, until the transaction ends, for those who save a record with the same e-mail, phone or name just now.

    Called before one looks whether there is such a record. `columns`: {column of the specification: its texts}.
    """
    kind = kind_of(model)
    _lock(strong_keys(kind.specification, kind.frame_of_one(columns)))


def _lock(keys):
    """Take the locks in the order of the keys, so that two who want the same ones do not wait for each other."""
    if keys:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [sorted(keys)])


@transaction.atomic
def keep(model, ids=None, *, in_turn=True):
    """Bring the keys of these records up to date, of all with None; those of records in the trash go.

    The keys of one record are written in turn with others who write the same strong ones (see `take_turns`); many at
    once, as by a load, and one without `in_turn` wait for nobody: the suggestions that follow find what they have in
    common.
    """
    kind = kind_of(model)
    if kind is None:
        return
    if ids is None:
        build(kind)
    elif len(ids) == 1 and in_turn:
        _keep_one(kind, ids[0])
    elif ids:
        rekey(kind, ids)


def _keep_one(kind, pk):
    numbers, columns = kind.read([pk])
    frame = kind.specification.standardise(columns) if numbers else None
    wanted = keys_of_one(kind.specification, frame) if numbers else ()
    there = set(MatchKey.objects.filter(kind=kind.number, record=pk).values_list("key", flat=True))
    if new := set(wanted) - there:
        _lock(new & strong_keys(kind.specification, frame))
    _write_difference(kind, {(key, pk) for key in wanted}, {(key, pk) for key in there})


def rekey(kind, ids):
    """Bring the keys of these records up to date and wait for nobody: for jobs that take their turns as a whole."""
    for start in range(0, len(ids), AT_ONCE):
        with transaction.atomic():
            _rekey(kind, list(ids[start : start + AT_ONCE]))


def _rekey(kind, ids):
    numbers, columns = kind.read(ids)
    records, keys = np.empty(0, np.int64), np.empty(0, np.int64)
    if numbers:
        places, keys, _caps = keys_of(kind.specification, kind.specification.standardise(columns))
        records = np.asarray(numbers, np.int64)[places]
    rows = MatchKey.objects.filter(kind=kind.number, record__in=ids).values_list("key", "record")
    if len(ids) > FEW and not rows.exists():
        _copy(kind, keys, records)
    else:
        _write_difference(kind, set(zip(keys.tolist(), records.tolist(), strict=True)), set(rows))


def build(kind):
    """Give all records their keys, some at a time, and note by which specification."""
    rows = kind.model.objects.unscoped(because="all records are matched").order_by("pk")
    last = 0
    while ids := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        rekey(kind, ids)
        last = ids[-1]
    note_built(kind)


def note_built(kind):
    """Note by which specification all records of a kind have their keys."""
    fingerprint = kind.specification.keys_fingerprint
    BuiltKeys.objects.update_or_create(kind=kind.number, defaults={"specification": fingerprint})


def are_built(kind):
    """Whether there are keys: they are gone after a crash of the database, and those of an older version after it."""
    return BuiltKeys.objects.filter(kind=kind.number, specification=kind.specification.keys_fingerprint).exists()


def _write_difference(kind, wanted, there):
    with connection.cursor() as cursor:
        if gone := there - wanted:
            cursor.execute(
                "DELETE FROM crm_matchkey WHERE kind = %s"
                " AND (key, record) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[]))",
                [kind.number, *map(list, zip(*sorted(gone), strict=True))],
            )
        if new := sorted(wanted - there):
            cursor.execute(
                "INSERT INTO crm_matchkey (kind, key, record) SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[])"
                " ON CONFLICT DO NOTHING",
                [kind.number, *map(list, zip(*new, strict=True))],
            )


def _copy(kind, keys, records):
    order = np.lexsort((records, keys))
    into = "COPY crm_matchkey (kind, key, record) FROM STDIN"
    lines = zip(keys[order].tolist(), records[order].tolist(), strict=True)
    with connection.connection.cursor() as cursor, cursor.copy(into) as copy:
        copy.write("".join(f"{kind.number}\t{key}\t{record}\n" for key, record in lines))
