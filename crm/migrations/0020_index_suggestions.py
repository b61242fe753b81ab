from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models

from crm.migrating import AddIndexAgain


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY cannot run in a transaction
    dependencies = [("crm", "0019_removed_mailboxes")]
    operations = [
        AddIndexAgain(
            "suggestion",
            models.Index(
                condition=models.Q(("state__in", ["open", "later"])),
                fields=["weight", "id"],
                name="suggestion_unanswered",
            ),
        ),
        AddIndexAgain(
            "suggestion",
            models.Index(
                condition=models.Q(("answered_at__isnull", False)),
                fields=["answered_at", "id"],
                name="suggestion_answered",
            ),
        ),
        RemoveIndexConcurrently("suggestion", "suggestion_open"),
    ]
