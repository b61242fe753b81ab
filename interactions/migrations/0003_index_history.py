"""History is found by row, by time, and by user and time; built beside the running site."""

import django.db.models.deletion
from django.db import migrations, models

from crm.migrating import AddIndexAgain, name_users


class Migration(migrations.Migration):
    atomic = False  # indexes are built concurrently
    dependencies = [
        ("interactions", "0002_history_says_who"),
    ]

    operations = [
        name_users("interactions", "InteractionEvent", "TaskEvent"),
        AddIndexAgain(
            model_name="interactionevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="interaction_event_row"),
        ),
        AddIndexAgain(
            model_name="interactionevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="interaction_event_time"),
        ),
        AddIndexAgain(
            model_name="interactionevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"],
                include=("pgh_label",),
                name="interaction_event_user",
            ),
        ),
        AddIndexAgain(
            model_name="taskevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="task_event_row"),
        ),
        AddIndexAgain(
            model_name="taskevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="task_event_time"),
        ),
        AddIndexAgain(
            model_name="taskevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"], include=("pgh_label",), name="task_event_user"
            ),
        ),
        AddIndexAgain(
            model_name="interactionevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="interaction_event_edit",
            ),
        ),
        AddIndexAgain(
            model_name="taskevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="task_event_edit",
            ),
        ),
        migrations.AlterField(
            model_name="interactionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="interactions.interaction",
            ),
        ),
        migrations.AlterField(
            model_name="taskevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="interactions.task",
            ),
        ),
    ]
