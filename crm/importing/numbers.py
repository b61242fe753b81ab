"""Numbers that records have in other programs: kept with the program's name, and recognised by in its next file."""

from __future__ import annotations

from collections import defaultdict

from django.utils.translation import gettext_lazy as _

from crm import merging, standards
from crm.importing.kinds import Column
from crm.importing.rows import ExternalId

NUMBER_ELSEWHERE = "external_id"
LONGEST = ExternalId._meta.get_field("key").max_length or 0  # characters
LONGEST_SOURCE = ExternalId._meta.get_field("source").max_length or 0  # characters
ELSEWHERE = Column(
    NUMBER_ELSEWHERE, _("Number in the other program"),
    ("external id", "externe id", "externe nummer", "foreign id", "source id", "id externe", "id externo"), right="id",
    elsewhere=True,
)  # fmt: skip


def source_of(name):
    """Return a program's name as it is kept: "HubSpot" and "hubspot " are one."""
    return standards.sort_key(standards.line(name or ""))[:LONGEST_SOURCE]


def known(kind, source, texts):
    """Return {number: ids} of the records of a kind that have these numbers in a program, whoever may see them."""
    found = defaultdict(list)
    if source and texts:
        rows = ExternalId.objects.filter(kind=kind, source=source, key__in=texts).order_by("record_id")
        for text, pk in rows.values_list("key", "record_id"):
            found[text].append(pk)
    return found


def keep(planner):
    """Write the new numbers of a planner's records; the records are stored."""
    rows = [
        ExternalId(kind=planner.importable.kind, source=planner.source, key=text, record_id=whole.record.pk)
        for whole in planner.wholes
        for text in sorted(whole.numbers)
    ]
    ExternalId.objects.bulk_create(rows, ignore_conflicts=True)


def move(model, survivor, losers):
    """Let the numbers of merged records be their survivor's; what it has itself is taken away."""
    rows = ExternalId.objects.filter(kind=model._meta.label_lower)
    seen = set(rows.filter(record_id=survivor).values_list("source", "key"))
    for row in rows.filter(record_id__in=losers).order_by("record_id", "pk"):
        if (row.source, row.key) in seen:
            row.delete()
        else:
            seen.add((row.source, row.key))
            rows.filter(pk=row.pk).update(record_id=survivor)


merging.reference(
    ExternalId, "record_id", how=merging.MOVED, move=move, because="by the numbers of all of them the one is recognised"
)
