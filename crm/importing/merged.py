"""Where rows for a merged-away record land."""

from __future__ import annotations

MOST_STEPS = 20  # of a chain of merges


def survivors(model, ids):
    """Return {id: id of the record it was merged into at last} of those among `ids` that were merged."""
    rows = model.objects.unscoped(because="an old id leads to the record that took its place")
    found, asked = {pk: pk for pk in ids}, set(ids)
    for _step in range(MOST_STEPS):
        onward = (
            dict(rows.filter(pk__in=asked, merged_into__isnull=False).values_list("pk", "merged_into")) if asked else {}
        )
        if not onward:
            break
        found = {pk: onward.get(last, last) for pk, last in found.items()}
        asked = set(onward.values())
    return {pk: last for pk, last in found.items() if last != pk}
