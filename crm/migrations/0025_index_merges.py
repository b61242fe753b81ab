from django.db import migrations, models
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from crm.migrating import AddIndexAgain

MERGES = models.Q(kind="crm.merge", state="done")


class Migration(migrations.Migration):
    atomic = False  # CREATE INDEX CONCURRENTLY cannot run in a transaction
    dependencies = [("crm", "0024_answered_weight")]
    operations = [
        AddIndexAgain(
            "act",
            models.Index(KT("facts__kind"), models.F("id").desc(), name="undo_act_merge", condition=MERGES),
        ),
        AddIndexAgain(
            "act",
            models.Index(
                KT("facts__kind"),
                Cast(KT("facts__record"), models.BigIntegerField()),
                name="undo_act_merged_into",
                condition=MERGES,
            ),
        ),
    ]
