import django.db.models.deletion
import django.db.models.manager
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0018_suggestions"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="mailbox",
            options={"base_manager_name": "every", "verbose_name": "mailbox", "verbose_name_plural": "mailboxes"},
        ),
        migrations.AlterModelManagers(
            name="mailbox",
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("every", django.db.models.manager.Manager()),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="mailbox",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="mailbox",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="mailbox",
            name="delete_delete",
        ),
        migrations.RemoveConstraint(
            model_name="mailbox",
            name="mailbox_once",
        ),
        migrations.AddField(
            model_name="mailbox",
            name="removed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="mailboxevent",
            name="removed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="mailbox",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="crm.mailbox"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mailbox",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_mailboxevent" ("address", "after", "folder", "from_start", "host", "id", "is_paused", "is_shared", "move_to", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "port", "removed_at", "security", "team_id", "username", "way") SELECT new_values."address", new_values."after", new_values."folder", new_values."from_start", new_values."host", new_values."id", new_values."is_paused", new_values."is_shared", new_values."move_to", new_values."owner_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."port", new_values."removed_at", new_values."security", new_values."team_id", new_values."username", new_values."way" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="7ec241fda56fc53f51effcb3887341cb217b4ba4",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_38df8",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="crm_mailbox",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mailbox",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_mailboxevent" ("address", "after", "folder", "from_start", "host", "id", "is_paused", "is_shared", "move_to", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "port", "removed_at", "security", "team_id", "username", "way") SELECT new_values."address", new_values."after", new_values."folder", new_values."from_start", new_values."host", new_values."id", new_values."is_paused", new_values."is_shared", new_values."move_to", new_values."owner_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."port", new_values."removed_at", new_values."security", new_values."team_id", new_values."username", new_values."way" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."address" IS DISTINCT FROM (new_values."address") OR old_values."after" IS DISTINCT FROM (new_values."after") OR old_values."folder" IS DISTINCT FROM (new_values."folder") OR old_values."from_start" IS DISTINCT FROM (new_values."from_start") OR old_values."host" IS DISTINCT FROM (new_values."host") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_paused" IS DISTINCT FROM (new_values."is_paused") OR old_values."is_shared" IS DISTINCT FROM (new_values."is_shared") OR old_values."move_to" IS DISTINCT FROM (new_values."move_to") OR old_values."owner_id" IS DISTINCT FROM (new_values."owner_id") OR old_values."port" IS DISTINCT FROM (new_values."port") OR old_values."removed_at" IS DISTINCT FROM (new_values."removed_at") OR old_values."security" IS DISTINCT FROM (new_values."security") OR old_values."team_id" IS DISTINCT FROM (new_values."team_id") OR old_values."username" IS DISTINCT FROM (new_values."username") OR old_values."way" IS DISTINCT FROM (new_values."way")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="fbc8c0da54f9c1b31a75c00681dc5a6983a2d2ab",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_60c2d",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="crm_mailbox",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mailbox",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_mailboxevent" ("address", "after", "folder", "from_start", "host", "id", "is_paused", "is_shared", "move_to", "owner_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "port", "removed_at", "security", "team_id", "username", "way") SELECT old_values."address", old_values."after", old_values."folder", old_values."from_start", old_values."host", old_values."id", old_values."is_paused", old_values."is_shared", old_values."move_to", old_values."owner_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."port", old_values."removed_at", old_values."security", old_values."team_id", old_values."username", old_values."way" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="3a557408eda3ee403a3520d9252715b1ab47fd1d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_0611a",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="crm_mailbox",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="mailbox",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)),
                fields=("address", "way", "folder"),
                name="mailbox_once",
                violation_error_message="This folder of this address is fetched already.",
            ),
        ),
    ]
