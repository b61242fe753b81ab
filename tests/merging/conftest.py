"""What stands in the tables that belong to records, before and after they are merged."""

from __future__ import annotations

import pytest

from crm import merging
from crm.merging.relations import every, relations_of
from crm.models import Share
from tests.architecture.conftest import no_hurry, signed_in  # noqa: F401
from tests.cast import _module_rows, cast, world  # noqa: F401

FOLLOWS = ("version", "updated_at", "updated_by_id", "words", "sort_name", "audience", "next_activity_at", "due_at")


def row_of(record):
    """Return every column of a row as the database has it now, but for what every write moves."""
    values = every(type(record)).filter(pk=record.pk).values().get()
    return {name: value for name, value in values.items() if name not in FOLLOWS}


def whole(model, ids):
    """Return everything there is of these records: their rows, and the rows of all tables that name them."""
    found = {(model._meta.label_lower, row.pk): row_of(row) for row in every(model).filter(pk__in=ids)}
    for relation in relations_of(model):
        found |= {(relation.model._meta.label_lower, row.pk): row_of(row) for row in relation.rows(ids)}
    shares = Share.objects.filter(kind=model._meta.label_lower, record_id__in=ids)
    return found | {("crm.share", row.pk): row_of(row) for row in shares}


def left_behind(model):
    """Return the rows that name a merged record."""
    tombstones = list(every(model).exclude(merged_into=None).values_list("pk", flat=True))
    found = [row for relation in relations_of(model) for row in relation.rows(tombstones)]
    return found + list(Share.objects.filter(kind=model._meta.label_lower, record_id__in=tombstones))


@pytest.fixture
def merged(cast):  # noqa: F811
    """Merge records as the administrator; return the act."""

    def merged(*records, by=None, **options):
        model = type(records[0])
        return merging.merge(model, [one.pk for one in records], by=by or cast.administrator, **options)

    return merged


@pytest.fixture
def parted(cast):  # noqa: F811
    """Take a merge apart as the administrator; return the act as it came out."""
    return lambda act, by=None: merging.unmerge(act, by=by or cast.administrator)
