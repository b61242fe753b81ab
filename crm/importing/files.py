"""Bringing a file: it is kept in parts and read into rows, or refused whole."""

from __future__ import annotations

import re
from pathlib import PurePath

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from crm import jobs, standards
from crm.importing.kinds import of_kind
from crm.importing.mapping import Guess, guessed_values, meanings
from crm.importing.options import ASK, BOTH, FILE
from crm.importing.rows import Import, ImportFilePart
from crm.tables import limits, refusal
from crm.tables.reader import reading
from crm.tables.refusal import Refused

PART_BYTES = 1024 * 1024
MOST_WAITING = 20  # files of one user that were not run
MOST_WAITING_BYTES = 200 * 1024 * 1024  # all of them together
TOO_MANY_WAIT = "too_many_wait"
WORDS = {
    refusal.TOO_BIG: _("The file is larger than 50 MB."),
    refusal.EMPTY: _("The file is empty."),
    refusal.WRONG_TYPE: _("This is no table: CSV, XLSX, XLS, ODS and vCard can be imported."),
    refusal.PROTECTED: _("The file is protected by a password. Save it without one."),
    refusal.BROKEN: _("The file is damaged and cannot be read."),
    refusal.NULS: _("This is no text: there are NUL signs in it."),
    refusal.NO_ROWS: _("There are no rows in the file."),
    refusal.TOO_MANY_ROWS: _("There are more than 200,000 rows. Divide the file."),
    refusal.TOO_MANY_COLUMNS: _("There are more than 500 columns."),
    refusal.HUGE_CELL: _("There is a cell of more than 100,000 characters."),
    refusal.BOMB: _("The file unpacks to far more than a table needs."),
    refusal.TOO_SLOW: _("The file takes too long to read."),
    refusal.TOO_MUCH: _("The file needs too much memory to be read."),
    refusal.ENCODING: _("The letters of the file cannot be read in this encoding."),
    TOO_MANY_WAIT: _("20 files, or 200 MB, of yours wait to be run. Run some of them or throw them away first."),
}
"""What people are told of why a file was refused."""


def in_words(refused):
    """Return why a file was refused, with the row where that is known."""
    said = str(WORDS.get(refused.reason, WORDS[refusal.BROKEN]))
    return f"{said} {_('It is row %d.') % refused.row}" if refused.row else said


@transaction.atomic
def bring(*, importable, name, pieces, by, country=""):
    """Keep a file and read its rows; return the Import, with a mapping as it is guessed. Raises Refused.

    `pieces`: its bytes in stretches. `country`: where phone numbers without a country code are read.
    """
    pieces = list(_limited(pieces))
    _refuse_too_many(by, sum(map(len, pieces)))
    asked = Import(user=by, kind=importable.kind, name=_file_name(name), size=sum(map(len, pieces)))
    with reading(pieces) as (about, batches):
        asked.form, asked.encoding, asked.header = about["format"], about["encoding"], about["header"]
        asked.options = first_options(importable, country)
        asked.save()
        sample = _store(asked, batches)
    for number, piece in enumerate(pieces):
        ImportFilePart.objects.create(of=asked, number=number, content=piece)
    _guess(asked, importable, sample)
    _refuse_too_many(by, 0, once_more=True)
    return asked


def _refuse_too_many(user, size, *, once_more=False):
    """Raise Refused where too much of a user's waits to be run; `once_more`: with the file that is there by now.

    Two files that come at once are counted one after the other at their end.
    """
    if once_more:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('crm.importing.files'), %s)", [user.pk])
    waiting = Import.objects.of(user).waiting().aggregate(files=Count("id"), size=Sum("size"))
    if waiting["files"] + (not once_more) > MOST_WAITING or (waiting["size"] or 0) + size > MOST_WAITING_BYTES:
        raise Refused(TOO_MANY_WAIT)


def first_options(importable, country):
    """Return what is chosen before anybody chooses."""
    keys = [key.name for key in importable.keys]
    return {"mode": BOTH, "doubles": ASK, "keys": keys, "where_both": FILE, "clear": False, "country": country}


@transaction.atomic
def read_again(asked, encoding):
    """Read the rows of a file once more, in another encoding; they are to be mapped and checked anew.

    Raises Refused, or Import.DoesNotExist where its run was asked for: nothing has changed then.
    """
    before = Import.objects.select_for_update(of=("self",)).filter(state__in=[Import.State.MAPPING, *CHECKS])
    asked = before.get(pk=asked.pk)
    if asked.checking_job_id:
        jobs.cancel(asked.checking_job)
    asked.state, asked.checking_job, asked.counts = Import.State.MAPPING, None, {}
    asked.rows.all().delete()
    pieces = [bytes(part) for part in asked.parts.order_by("number").values_list("content", flat=True)]
    with reading(pieces, encoding) as (about, batches):
        asked.header, asked.encoding = about["header"], about["encoding"]
        sample = _store(asked, batches)
    _guess(asked, of_kind(asked.kind), sample)


def _limited(pieces):
    """Yield stretches of the file of PART_BYTES at most, as long as it is not too large."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limits.MOST_BYTES:
            raise Refused(refusal.TOO_BIG)
        for start in range(0, len(piece), PART_BYTES):
            yield piece[start : start + PART_BYTES]


def _file_name(name):
    return standards.line(PurePath((name or "").replace("\\", "/")).name)[-200:] or "import"


def _store(asked, batches):
    """Write the rows and count them; return the first ones. Raises Refused where there is none."""
    sample, total = [], 0
    into = "COPY crm_importrow (of_id, number, cells, leader, keys, fate, found, is_done) FROM STDIN"
    with connection.cursor() as cursor:
        for batch in batches:
            with cursor.connection.cursor() as plain, plain.copy(into) as copy:
                for number, cells in batch:
                    copy.write_row((asked.pk, number, cells, number, [], "", "{}", False))
            total += len(batch)
            sample += [cells for _number, cells in batch[: 200 - len(sample)]]
    if not total:
        raise Refused(refusal.NO_ROWS)
    asked.total = total
    return sample


def _guess(asked, importable, sample):
    guess = Guess(importable, asked.header, sample, asked.user)
    asked.mapping, asked.source = guess.mapping, guess.source
    asked.options |= {"source": guess.source, "whole": guess.whole}
    if guess.remembered:
        asked.options |= guess.remembered.options
        asked.values = guess.remembered.values
    asked.options.setdefault("days", _order_of_days(asked, sample))
    asked.save()


def _order_of_days(asked, sample):
    """Return "mdy" where a column of days has a month before its day for certain, else "dmy"."""
    days = {column.key for column in of_kind(asked.kind).columns if column.is_day}
    for place, key in enumerate(asked.mapping):
        if key in days:
            for cells in sample:
                if place < len(cells) and _MONTH_FIRST.match(cells[place].strip()):
                    return "mdy"
    return "dmy"


MOST_VALUES = 100
"""Different texts of a column with choices that are mapped one by one."""
LONGEST_VALUE = 500  # characters; what is longer is no choice, and a cell to mend
_MONTH_FIRST = re.compile(r"\d{1,2}[/-](1[3-9]|2\d|3[01])[/-]\d")


def texts_of(asked, place):
    """Return the distinct texts of a column, the commonest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT btrim(cells[%s]) AS text FROM crm_importrow WHERE of_id = %s"
            " AND length(btrim(cells[%s])) BETWEEN 1 AND %s GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %s",
            [place + 1, asked.pk, place + 1, LONGEST_VALUE, MOST_VALUES],
        )
        return [text for (text,) in cursor.fetchall()]


def values_to_map(asked, importable):
    """Return [(place, Column, {text: value proposed})] of the mapped columns that take only some values."""
    found = []
    for place, key in enumerate(asked.mapping):
        column = importable.by_key.get(key)
        if column and column.choices:
            known = asked.values.get(key, {})
            guessed = guessed_values(texts_of(asked, place), meanings(column, asked.user))
            found.append((place, column, {text: known.get(text, value) for text, value in guessed.items()}))
    return found


def throw_away(asked):
    """Delete an import that was not run, with its file and rows."""
    Import.objects.filter(pk=asked.pk, state__in=[Import.State.MAPPING, *CHECKS]).delete()


CHECKS = (Import.State.CHECKING, Import.State.CHECKED)
