"""A job that was given up can be set aside: somebody has seen it."""

from django.db import migrations, models

from crm.migrating import SHORT_LOCKS


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0004_track_users_and_rights"),
    ]

    operations = [
        SHORT_LOCKS,
        migrations.AddField(
            model_name="job",
            name="set_aside_at",
            field=models.DateTimeField(help_text="When somebody saw that it was given up, and left it so.", null=True),
        ),
    ]
