from django.db import migrations, models

from crm.migrating import SHORT_LOCKS


class Migration(migrations.Migration):
    dependencies = [("crm", "0023_keys_not_logged")]
    operations = [
        SHORT_LOCKS,
        migrations.AddField(
            "suggestion",
            "answered_weight",
            models.FloatField(help_text="What it weighed when it was answered.", null=True),
        ),
    ]
