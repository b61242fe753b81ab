"""Tasks can remind their owner."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from crm.migrating import SHORT_LOCKS


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0005_names_of_parts"),
        ("crm", "0011_notifications"),
        ("interactions", "0004_talks_of_more_kinds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        SHORT_LOCKS,
        pgtrigger.migrations.RemoveTrigger(
            model_name="task",
            name="count_version",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="task",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="task",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="task",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="task",
            name="remind_at",
            field=models.DateTimeField(
                editable=False, help_text="Follows from due_at; none when it is past or was done.", null=True
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="remind_minutes",
            field=models.PositiveIntegerField(
                blank=True,
                choices=[
                    (0, "When it is due"),
                    (15, "15 minutes before"),
                    (60, "An hour before"),
                    (1440, "A day before"),
                ],
                null=True,
                verbose_name="remind me",
            ),
        ),
        migrations.AddField(
            model_name="taskevent",
            name="remind_minutes",
            field=models.PositiveIntegerField(
                blank=True,
                choices=[
                    (0, "When it is due"),
                    (15, "15 minutes before"),
                    (60, "An hour before"),
                    (1440, "A day before"),
                ],
                null=True,
                verbose_name="remind me",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="count_version",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."body" IS DISTINCT FROM (NEW."body") OR OLD."company_id" IS DISTINCT FROM (NEW."company_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."custom" IS DISTINCT FROM (NEW."custom") OR OLD."done_at" IS DISTINCT FROM (NEW."done_at") OR OLD."done_by_id" IS DISTINCT FROM (NEW."done_by_id") OR OLD."due_on" IS DISTINCT FROM (NEW."due_on") OR OLD."due_time" IS DISTINCT FROM (NEW."due_time") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_private" IS DISTINCT FROM (NEW."is_private") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."owner_id" IS DISTINCT FROM (NEW."owner_id") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."remind_minutes" IS DISTINCT FROM (NEW."remind_minutes") OR OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."team_id" IS DISTINCT FROM (NEW."team_id") OR OLD."trashed_at" IS DISTINCT FROM (NEW."trashed_at") OR OLD."trashed_by_id" IS DISTINCT FROM (NEW."trashed_by_id") OR OLD."typed" IS DISTINCT FROM (NEW."typed"))',
                    func="NEW.version := OLD.version + 1; NEW.updated_at := now(); RETURN NEW;",
                    hash="be68975bb8a70e548a0fc7cadc85efb6ba5e8f21",
                    operation="UPDATE",
                    pgid="pgtrigger_count_version_21c85",
                    table="interactions_task",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "interactions_taskevent" ("body", "company_id", "custom", "done_at", "done_by_id", "due_on", "due_time", "id", "is_private", "kind", "merged_into_id", "owner_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remind_minutes", "subject", "team_id", "trashed_at", "trashed_by_id") SELECT new_values."body", new_values."company_id", new_values."custom", new_values."done_at", new_values."done_by_id", new_values."due_on", new_values."due_time", new_values."id", new_values."is_private", new_values."kind", new_values."merged_into_id", new_values."owner_id", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."remind_minutes", new_values."subject", new_values."team_id", new_values."trashed_at", new_values."trashed_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="632329f4d1fd1f2a497a53458d9e18ecedfe11e6",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c9ed5",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="interactions_task",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "interactions_taskevent" ("body", "company_id", "custom", "done_at", "done_by_id", "due_on", "due_time", "id", "is_private", "kind", "merged_into_id", "owner_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remind_minutes", "subject", "team_id", "trashed_at", "trashed_by_id") SELECT new_values."body", new_values."company_id", new_values."custom", new_values."done_at", new_values."done_by_id", new_values."due_on", new_values."due_time", new_values."id", new_values."is_private", new_values."kind", new_values."merged_into_id", new_values."owner_id", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."remind_minutes", new_values."subject", new_values."team_id", new_values."trashed_at", new_values."trashed_by_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."body" IS DISTINCT FROM (new_values."body") OR old_values."company_id" IS DISTINCT FROM (new_values."company_id") OR old_values."custom" IS DISTINCT FROM (new_values."custom") OR old_values."done_at" IS DISTINCT FROM (new_values."done_at") OR old_values."done_by_id" IS DISTINCT FROM (new_values."done_by_id") OR old_values."due_on" IS DISTINCT FROM (new_values."due_on") OR old_values."due_time" IS DISTINCT FROM (new_values."due_time") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_private" IS DISTINCT FROM (new_values."is_private") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."merged_into_id" IS DISTINCT FROM (new_values."merged_into_id") OR old_values."owner_id" IS DISTINCT FROM (new_values."owner_id") OR old_values."person_id" IS DISTINCT FROM (new_values."person_id") OR old_values."remind_minutes" IS DISTINCT FROM (new_values."remind_minutes") OR old_values."subject" IS DISTINCT FROM (new_values."subject") OR old_values."team_id" IS DISTINCT FROM (new_values."team_id") OR old_values."trashed_at" IS DISTINCT FROM (new_values."trashed_at") OR old_values."trashed_by_id" IS DISTINCT FROM (new_values."trashed_by_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="0c2824018cfc15241f513aa2ba6ed2fc13621c4d",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_49274",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="interactions_task",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "interactions_taskevent" ("body", "company_id", "custom", "done_at", "done_by_id", "due_on", "due_time", "id", "is_private", "kind", "merged_into_id", "owner_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "remind_minutes", "subject", "team_id", "trashed_at", "trashed_by_id") SELECT old_values."body", old_values."company_id", old_values."custom", old_values."done_at", old_values."done_by_id", old_values."due_on", old_values."due_time", old_values."id", old_values."is_private", old_values."kind", old_values."merged_into_id", old_values."owner_id", old_values."person_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."remind_minutes", old_values."subject", old_values."team_id", old_values."trashed_at", old_values."trashed_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="51e49743d0834e684417dbc978eabee572a76711",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_f59c3",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="interactions_task",
                    when="AFTER",
                ),
            ),
        ),
    ]
