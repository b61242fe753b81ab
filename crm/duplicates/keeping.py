"""Blocking keys, kept in the transaction that writes what they come from."""

import numpy as np
from django.db import connection, transaction

from crm.duplicates.kinds import kind_of
from crm.duplicates.rows import MatchKey

AT_ONCE = 20_000  # records whose keys are derived in one go


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


@transaction.atomic
def keep(model, ids=None):
    """Bring the keys of these records up to date, of all with None; those of records in the trash go."""
    kind = kind_of(model)
    if kind is None:
        return
    if ids is None:
        MatchKey.objects.filter(kind=kind.number).delete()
        _keep(kind, None)
        return
    for start in range(0, len(ids), AT_ONCE):
        _keep(kind, list(ids[start : start + AT_ONCE]))


def _keep(kind, ids):
    numbers, columns = kind.read(ids)
    records, keys = np.empty(0, np.int64), np.empty(0, np.int64)
    if numbers:
        places, keys, _caps = keys_of(kind.specification, kind.specification.standardise(columns))
        records = np.asarray(numbers, np.int64)[places]
    if ids is not None and len(ids) <= 100:
        _write_difference(kind, ids, set(zip(keys.tolist(), records.tolist(), strict=True)))
        return
    if ids is not None:
        MatchKey.objects.filter(kind=kind.number, record__in=ids).delete()
    _copy(kind, keys, records)


def _write_difference(kind, ids, wanted):
    rows = MatchKey.objects.filter(kind=kind.number, record__in=ids)
    there = set(rows.values_list("key", "record"))
    with connection.cursor() as cursor:
        if gone := there - wanted:
            cursor.execute(
                "DELETE FROM crm_matchkey WHERE kind = %s"
                " AND (key, record) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[]))",
                [kind.number, *map(list, zip(*gone, strict=True))],
            )
        if new := sorted(wanted - there):
            cursor.execute(
                "INSERT INTO crm_matchkey (kind, key, record) SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[])"
                " ON CONFLICT DO NOTHING",
                [kind.number, *map(list, zip(*new, strict=True))],
            )


def _copy(kind, keys, records):
    order = np.lexsort((records, keys))
    connection.ensure_connection()
    into = "COPY crm_matchkey (kind, key, record) FROM STDIN"
    with connection.connection.cursor() as cursor, cursor.copy(into) as copy:
        for start in range(0, len(order), AT_ONCE):
            chosen = order[start : start + AT_ONCE]
            lines = zip(keys[chosen].tolist(), records[chosen].tolist(), strict=True)
            copy.write("".join(f"{kind.number}\t{key}\t{record}\n" for key, record in lines))
