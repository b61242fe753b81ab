"""Jobs that were given up and not yet looked at are found by kind."""

from django.db import migrations, models

from crm.migrating import AddIndexAgain


class Migration(migrations.Migration):
    atomic = False  # the index is built concurrently
    dependencies = [
        ("crm", "0005_job_set_aside"),
    ]

    operations = [
        AddIndexAgain(
            model_name="job",
            index=models.Index(
                condition=models.Q(("set_aside_at__isnull", True), ("state", "dead")),
                fields=["kind", "-id"],
                name="job_given_up_idx",
            ),
        ),
    ]
