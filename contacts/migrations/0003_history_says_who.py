"""Every event says itself who acted: to look for a user's acts needs no other table."""

from django.db import migrations, models

import crm.history
from crm.migrating import SHORT_LOCKS


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0004_track_users_and_rights"),
        ("contacts", "0002_shares"),
    ]

    operations = [
        SHORT_LOCKS,
        migrations.AddField(
            model_name="companyevent",
            name="pgh_user_id",
            field=models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True),
        ),
        migrations.AddField(
            model_name="emailaddressevent",
            name="pgh_user_id",
            field=models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True),
        ),
        migrations.AddField(
            model_name="personevent",
            name="pgh_user_id",
            field=models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True),
        ),
        migrations.AddField(
            model_name="phonenumberevent",
            name="pgh_user_id",
            field=models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True),
        ),
        migrations.AddField(
            model_name="postaladdressevent",
            name="pgh_user_id",
            field=models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True),
        ),
    ]
