"""Reminders that are due are found by their time; built beside the running site."""

from django.db import migrations, models
from django.db.models import Q

from crm.migrating import AddIndexAgain

OPEN = Q(
    ("merged_into__isnull", True), ("trashed_at__isnull", True), ("done_at__isnull", True), ("remind_at__isnull", False)
)


class Migration(migrations.Migration):
    atomic = False  # the index is built concurrently
    dependencies = [("interactions", "0005_reminders")]
    operations = [
        AddIndexAgain(
            model_name="task",
            index=models.Index(fields=["remind_at", "id"], name="task_to_remind", condition=OPEN),
        ),
    ]
