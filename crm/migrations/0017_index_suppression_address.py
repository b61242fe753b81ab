from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # an index is built and dropped beside whoever sends mail

    dependencies = [("crm", "0016_mailbox_history")]

    operations = [
        AddIndexConcurrently(
            "suppression",
            models.Index(fields=["address_key"], name="suppression_address_like", opclasses=["varchar_pattern_ops"]),
        ),
        RemoveIndexConcurrently("suppression", "suppression_address_idx"),
    ]
