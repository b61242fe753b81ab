"""The dry run: every row's fate before anything is written, and the fates of a group anew after a cell was mended."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import groupby

from django.db import connection, transaction
from django.db.models import Count, Min, Q

from crm.importing.kinds import of_kind
from crm.importing.rows import Import, ImportRow

STEP_ROWS = 1_000
MOST_IN_GROUP = 2_000  # rows about one record that are worked off together
AT_ONCE = 300  # rows that are checked while the browser waits

Fate = ImportRow.Fate


class Overtaken(Exception):
    """The file was mapped otherwise, thrown away or checked anew meanwhile: what this check finds must not count."""


def begin(asked):
    """Forget what an earlier check found, and put the rows together that may be about one record. Raises Overtaken."""
    planner = of_kind(asked.kind).planner
    planner = planner(asked, only=planner.known_columns)
    _hold(asked)
    Import.objects.filter(pk=asked.pk).update(counts={})
    first: dict[str, int] = {}
    leaders: dict[int, int] = {}
    last = 0
    while rows := list(asked.rows.filter(number__gt=last).order_by("number")[:STEP_ROWS]):
        last = rows[-1].number
        for draft in planner.read(rows):
            row = draft.row
            row.keys, row.fate, row.record, row.found = planner.keys(draft), "", None, {}
            _join(leaders, first, row)
        for row in rows:
            row.leader = _leader(leaders, row.number)
        save_rows(rows)
    _write_leaders(asked, leaders)


def _join(leaders, first, row):
    """Put a row together with the earlier ones that it has a key in common with."""
    leaders[row.number] = row.number
    for key in row.keys:
        other = _leader(leaders, first.setdefault(key, row.number))
        own = _leader(leaders, row.number)
        if other != own:
            leaders[max(own, other)] = min(own, other)


def _leader(leaders, number):
    while leaders[number] != number:
        leaders[number] = leaders[leaders[number]]
        number = leaders[number]
    return number


def _write_leaders(asked, leaders):
    """Write the leaders of rows that were found to belong together only later on."""
    moved = {number: _leader(leaders, number) for number in leaders if leaders[number] != number}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE crm_importrow AS row SET leader = moved.leader FROM unnest(%s::int[], %s::int[]) AS"
            " moved(number, leader) WHERE row.of_id = %s AND row.number = moved.number AND row.leader <> moved.leader",
            [list(moved), list(moved.values()), asked.pk],
        )


def steps(asked, after=(0, 0), size=STEP_ROWS):
    """Yield rows that are not done, some whole groups at a time, in the order of (leader, number)."""
    while rows := next_rows(asked, after, size):
        yield rows
        after = (rows[-1].leader, rows[-1].number)


def next_rows(asked, after=(0, 0), size=STEP_ROWS):
    """Return the next rows that are not done; a group is not divided unless it is very large."""
    leader, number = after
    beyond = Q(leader__gt=leader) | Q(leader=leader, number__gt=number)
    todo = asked.rows.filter(beyond, is_done=False, leader__gte=leader).order_by("leader", "number")
    rows = list(todo[:size])
    if len(rows) == size:
        last = rows[-1]
        rest = asked.rows.filter(is_done=False, leader=last.leader, number__gt=last.number).order_by("number")
        rows += list(rest[:MOST_IN_GROUP])
    return rows


def check(asked, progress=lambda rows: None):
    """Tell the fate of every row. `progress(number)` is called after each step with the rows done in it.

    Raises Overtaken where another check has begun since; nothing is written over what that finds.
    """
    with transaction.atomic():
        begin(asked)
    planner = of_kind(asked.kind).planner(asked)
    for rows in steps(asked):
        planner.plan(rows)
        _save(asked, rows)
        progress(len(rows))
    for rows in _united(asked):
        planner.plan(rows)
        _save(asked, rows)
    end(asked)


def _hold(asked):
    """Lock an import as long as this check is its check. Raises Overtaken."""
    mine = Import.objects.filter(pk=asked.pk, state=Import.State.CHECKING, checking_job=asked.checking_job_id)
    if not mine.select_for_update(of=("self",)).exists():
        raise Overtaken


@transaction.atomic
def _save(asked, rows):
    _hold(asked)
    save_rows(rows)


def _united(asked, **about):
    """Put groups together that turned out to be about one record, and yield their rows to be planned anew.

    `about`: which rows are looked at, all if nothing is said.
    """
    several = (
        asked.rows.filter(record__gt=0, **about)
        .exclude(fate__in=[Fate.NEW, Fate.DOUBLE])
        .values("record")
        .annotate(groups=Count("leader", distinct=True), first=Min("leader"))
        .filter(groups__gt=1)
    )
    for one in several.order_by("record"):
        leaders = asked.rows.filter(record=one["record"]).values_list("leader", flat=True).distinct()
        rows = list(asked.rows.filter(leader__in=list(leaders)).order_by("number"))
        for row in rows:
            row.leader = one["first"]
        yield rows


@transaction.atomic
def end(asked):
    """Note that every row's fate is known, and count them."""
    _hold(asked)
    Import.objects.filter(pk=asked.pk).update(state=Import.State.CHECKED)
    count(asked)


def count(asked):
    """Count the fates, the cells to mend and those put right."""
    fates = Counter(dict(asked.rows.order_by().values_list("fate").annotate(Count("id"))))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum((SELECT count(*) FROM jsonb_object_keys(found -> 'bad'))), 0)::int,"
            " coalesce(sum((SELECT count(*) FROM jsonb_object_keys(found -> 'was'))), 0)::int,"
            " count(*) FILTER (WHERE found ? 'was'), "
            " count(*) FILTER (WHERE found ? 'double' AND fate IN ('double', 'skipped', 'update'))"
            " FROM crm_importrow WHERE of_id = %s",
            [asked.pk],
        )
        cells, righted, rows_righted, doubles = cursor.fetchone()
    asked.counts = {**fates, "cells": cells, "righted": righted, "rows_righted": rows_righted, "doubles": doubles}
    Import.objects.filter(pk=asked.pk).update(counts=asked.counts)


def save_rows(rows):
    """Write what is known of rows by now; what is written stays as it is."""
    values = [
        (row.pk, row.leader, "\x1f".join(row.keys), str(row.fate), row.record, json.dumps(row.found), row.is_done)
        for row in rows
    ]
    if not values:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE crm_importrow AS row SET leader = noted.leader, keys = CASE noted.keys WHEN '' THEN '{}'"
            " ELSE string_to_array(noted.keys, chr(31)) END, fate = noted.fate, record = noted.record,"
            " found = noted.found, is_done = noted.is_done FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[],"
            " %s::bigint[], %s::jsonb[], %s::bool[]) AS noted(id, leader, keys, fate, record, found, is_done)"
            " WHERE row.id = noted.id AND NOT row.is_done",
            [list(column) for column in zip(*values, strict=True)],
        )


@transaction.atomic
def mend(asked, number, cells):
    """Put other texts into cells of a row that is not written yet, {place: text}; return the row with its new fate.

    The rows that it belonged together with, and those it does now, are looked at anew. Raises ImportRow.DoesNotExist.
    """
    checked, user = Import.objects.filter(state=Import.State.CHECKED), asked.user
    asked = checked.select_for_update(of=("self",)).filter(pk=asked.pk).first()  # as it is mapped by now
    if asked is None:
        raise ImportRow.DoesNotExist
    asked.user = user
    row = asked.rows.get(number=number, is_done=False)
    row.cells = row.cells + [""] * (max(cells) + 1 - len(row.cells)) if cells else row.cells
    for place, text in cells.items():
        row.cells[place] = text
    asked.rows.filter(pk=row.pk).update(cells=row.cells)
    planner = of_kind(asked.kind).planner(asked)
    before = row.leader
    row.keys = planner.keys(planner.read([row])[0])
    near = Q(leader=before) | Q(keys__overlap=row.keys) if row.keys else Q(leader=before)
    leaders = set(asked.rows.filter(near, is_done=False).values_list("leader", flat=True))
    rows = list(asked.rows.filter(leader__in=leaders, is_done=False).order_by("number")[: 2 * MOST_IN_GROUP])
    for one in rows:
        if one.pk == row.pk:
            one.keys = row.keys
    _group_again(rows)
    for _leader_of, group in groupby(sorted(rows, key=lambda one: (one.leader, one.number)), lambda one: one.leader):
        planner.plan(list(group))
    save_rows(rows)
    for some in _united(asked, record__in={one.record for one in rows if one.record}):
        planner.plan(some)
        save_rows(some)
    count(asked)
    return asked.rows.get(pk=row.pk)


def _group_again(rows):
    """Put rows together by their keys."""
    leaders: dict[int, int] = {}
    first: dict[str, int] = {}
    for row in rows:
        _join(leaders, first, row)
    for row in rows:
        row.leader = _leader(leaders, row.number)


def rows_by_fate(asked):
    """Return {fate: rows}, all fates in it."""
    found = defaultdict(int, {fate: number for fate, number in asked.counts.items() if fate in Fate.values})
    return {fate: found[fate] for fate in Fate.values}
