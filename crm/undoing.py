"""What follows from rows of the ground floor that an undo brought back, and who may bring them back."""

from __future__ import annotations

from django.apps import apps

from crm import sharing, undo
from crm.models import ExternalId, Share
from crm.tombstones import living_of


@undo.rights(Share, ExternalId)
def whose_record_one_may_change(rows, by):
    """A share, and the number it has elsewhere, come back by whoever may change the record."""
    asked = [(pk, kind, record) for pk, row in rows for kind in row["kind"] for record in row["record_id"]]
    refused = set()
    for kind in {kind for _pk, kind, _record in asked}:
        ids = {record for _pk, of, record in asked if of == kind}
        rows_of = apps.get_model(kind).objects.changeable_by(by, "edit").filter(pk__in=ids)
        open_ids = set(rows_of.values_list("pk", flat=True))
        refused |= {pk for pk, of, record in asked if of == kind and record not in open_ids}
    return {pk for pk, _kind, _record in asked} - refused


@undo.followed(Share)
def follow_shares(_model, touched):
    """Write who a record is shared with into the records the shares were and are of, wherever these were merged."""
    there = dict(Share.objects.filter(pk__in=[one.pk for one in touched]).values_list("pk", "kind"))
    records: dict[str, set] = {}
    for one in touched:
        kind = one.before.get("kind") or one.after.get("kind") or there.get(one.pk)
        if kind:
            records.setdefault(kind, set()).update(one.both("record_id"))
    for kind, ids in records.items():
        model = apps.get_model(kind)
        sharing.mark_all(model, ids.union(living_of(model, ids).values()))
