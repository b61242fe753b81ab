"""Every event says itself who acted: to look for a user's acts needs no other table."""

from django.db import migrations, models

import crm.history
from crm.migrating import SHORT_LOCKS


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0004_track_users_and_rights"),
        ("interactions", "0001_initial"),
    ]

    operations = [
        SHORT_LOCKS,
        migrations.AddField(
            model_name="interactionevent",
            name="pgh_user_id",
            field=models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True),
        ),
        migrations.AddField(
            model_name="taskevent",
            name="pgh_user_id",
            field=models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True),
        ),
    ]
