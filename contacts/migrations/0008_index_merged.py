"""What was merged into a record is found by its id; built beside the running site."""

from django.db import migrations, models

from crm.migrating import AddIndexAgain


def of_merged(name):
    condition = models.Q(("merged_into__isnull", False))
    return AddIndexAgain(
        model_name=name, index=models.Index(condition=condition, fields=["merged_into"], name=f"{name}_merged")
    )


class Migration(migrations.Migration):
    atomic = False  # the indexes are built concurrently
    dependencies = [("contacts", "0007_follow_merges")]
    operations = [of_merged("company"), of_merged("person")]
