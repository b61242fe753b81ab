"""Forgetting acts that can be undone no more."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from crm.undo.rows import Act

BATCH_ROWS = 5000


def forget():
    """Delete acts that are kept no longer, with their journal, some thousand rows at a time; return how many acts."""
    number = 0
    for pk in list(Act.objects.over(timezone.now()).order_by("pk").values_list("pk", flat=True)):
        while _forget_entries(pk):
            pass
        number += bool(Act.objects.filter(pk=pk).delete()[0])
    return number


@transaction.atomic
def _forget_entries(act_id):
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM crm_undoentry WHERE id IN (SELECT id FROM crm_undoentry WHERE act_id = %s LIMIT %s)",
            [act_id, BATCH_ROWS],
        )
        return cursor.rowcount
