"""Who changed users, teams, roles and rights is kept like the history of records; who and why cannot be altered."""

import crm.history
from crm.migrating import SHORT_LOCKS
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


WHO = """
CREATE OR REPLACE FUNCTION crm_acting_user() RETURNS integer LANGUAGE sql STABLE AS
$$ SELECT (NULLIF(current_setting('pghistory.context_metadata', true), '')::jsonb->>'user')::integer $$;
"""

# An act is written once: the row of its user and its reason is as unalterable as its events.
KEPT = """
CREATE OR REPLACE FUNCTION crm_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'History cannot be altered: %', TG_TABLE_NAME; END $$;
DROP TRIGGER IF EXISTS crm_append_only ON pghistory_context;
CREATE TRIGGER crm_append_only BEFORE UPDATE OR DELETE ON pghistory_context
FOR EACH ROW EXECUTE FUNCTION crm_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0003_jobfilepart"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        SHORT_LOCKS,
        migrations.RunSQL(WHO, "DROP FUNCTION crm_acting_user()"),
        migrations.RunSQL(KEPT, "DROP TRIGGER crm_append_only ON pghistory_context; DROP FUNCTION crm_refuse_change()"),
        migrations.CreateModel(
            name="GrantEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_user_id", models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True)),
                ("id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=60)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("view", "view"),
                            ("create", "create"),
                            ("edit", "edit"),
                            ("trash", "trash"),
                            ("export", "export"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("none", "none"), ("own", "own"), ("team", "team"), ("all", "all")], max_length=10
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RoleEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_user_id", models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True)),
                ("id", models.BigIntegerField()),
                ("key", models.SlugField(db_index=False)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("mfa_required", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TeamEvent",
            fields=[
                ("pgh_user_id", models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True)),
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.IntegerField()),
                ("name", models.CharField(max_length=100, verbose_name="name")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="UserEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_user_id", models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True)),
                ("id", models.IntegerField()),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                ("given_name", models.CharField(blank=True, max_length=80, verbose_name="given name")),
                ("family_name", models.CharField(blank=True, max_length=80, verbose_name="family name")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("timezone", models.CharField(default="UTC", max_length=64, verbose_name="time zone")),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grant",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_grantevent" ("action", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id", "scope") SELECT new_values."action", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."role_id", new_values."scope" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="91a3829167933b1c3b5969004708e06d47690f17",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_da903",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="crm_grant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grant",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_grantevent" ("action", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id", "scope") SELECT new_values."action", new_values."id", new_values."kind", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."role_id", new_values."scope" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="8da342ebadadf32869ca957c9989fecce9030875",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_bcc9c",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="crm_grant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grant",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_grantevent" ("action", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id", "scope") SELECT old_values."action", old_values."id", old_values."kind", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."role_id", old_values."scope" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="ae0288bef3f6c0badedbb057b219e5896cf021b1",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2f8a6",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="crm_grant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="role",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_roleevent" ("id", "key", "mfa_required", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."key", new_values."mfa_required", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="2065141c6646d826a078909c6b3732b50141195c",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_2a84b",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="crm_role",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="role",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_roleevent" ("id", "key", "mfa_required", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."key", new_values."mfa_required", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="cb5d75b91e404829e8f93bc6d4b593d8eab9dcf9",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_38abf",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="crm_role",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="role",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_roleevent" ("id", "key", "mfa_required", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."key", old_values."mfa_required", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5a60d1ec1d64b22664481cb51387815f8861f558",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ddd72",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="crm_role",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="team",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_teamevent" ("id", "name", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."name", new_values."parent_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ae4886cc78624546f495045db60e0aa0017c328b",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a6471",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="crm_team",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="team",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_teamevent" ("id", "name", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."name", new_values."parent_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."parent_id" IS DISTINCT FROM (new_values."parent_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="24e95debb7611ba239d1d34701bf0732d47b48c7",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_21505",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="crm_team",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="team",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_teamevent" ("id", "name", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."name", old_values."parent_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="bf5be821adc747f11ebe2cbf082149a072e09312",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_6339b",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="crm_team",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_userevent" ("email", "family_name", "given_name", "id", "is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id", "team_id", "timezone") SELECT new_values."email", new_values."family_name", new_values."given_name", new_values."id", new_values."is_active", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."role_id", new_values."team_id", new_values."timezone" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="54b1ef47ad6b26df940fb1f91f910570cadcf020",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_98f47",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="crm_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_userevent" ("email", "family_name", "given_name", "id", "is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id", "team_id", "timezone") SELECT new_values."email", new_values."family_name", new_values."given_name", new_values."id", new_values."is_active", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."role_id", new_values."team_id", new_values."timezone" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."email" IS DISTINCT FROM (new_values."email") OR old_values."family_name" IS DISTINCT FROM (new_values."family_name") OR old_values."given_name" IS DISTINCT FROM (new_values."given_name") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."is_active" IS DISTINCT FROM (new_values."is_active") OR old_values."role_id" IS DISTINCT FROM (new_values."role_id") OR old_values."team_id" IS DISTINCT FROM (new_values."team_id") OR old_values."timezone" IS DISTINCT FROM (new_values."timezone")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ec7088d2a33e021b6d29c793aadf5514dbf7e98c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_3aa0c",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="crm_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "crm_userevent" ("email", "family_name", "given_name", "id", "is_active", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id", "team_id", "timezone") SELECT old_values."email", old_values."family_name", old_values."given_name", old_values."id", old_values."is_active", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."role_id", old_values."team_id", old_values."timezone" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="1c34373af956d66ea33729c9105864af406f2692",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e2835",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="crm_user",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="grantevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="grantevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="crm.grant",
            ),
        ),
        migrations.AddField(
            model_name="grantevent",
            name="role",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="crm.role",
            ),
        ),
        migrations.AddField(
            model_name="roleevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="roleevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="crm.role",
            ),
        ),
        migrations.AddField(
            model_name="teamevent",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="crm.team",
            ),
        ),
        migrations.AddField(
            model_name="teamevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="teamevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="crm.team",
            ),
        ),
        migrations.AddField(
            model_name="userevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="userevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="userevent",
            name="role",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="crm.role",
            ),
        ),
        migrations.AddField(
            model_name="userevent",
            name="team",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="crm.team",
            ),
        ),
        migrations.AddIndex(
            model_name="grantevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="grant_event_edit",
            ),
        ),
        migrations.AddIndex(
            model_name="grantevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="grant_event_row"),
        ),
        migrations.AddIndex(
            model_name="grantevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="grant_event_time"),
        ),
        migrations.AddIndex(
            model_name="grantevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"], include=("pgh_label",), name="grant_event_user"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="grantevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ee2c96c4a6254b0cf12450032335389a81c01dd0",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_73082",
                    table="crm_grantevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="roleevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="role_event_edit",
            ),
        ),
        migrations.AddIndex(
            model_name="roleevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="role_event_row"),
        ),
        migrations.AddIndex(
            model_name="roleevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="role_event_time"),
        ),
        migrations.AddIndex(
            model_name="roleevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"], include=("pgh_label",), name="role_event_user"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="roleevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="cd8458af7398feb0a962ea9619b9d20a8ceb05e2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_9a55b",
                    table="crm_roleevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="teamevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="team_event_edit",
            ),
        ),
        migrations.AddIndex(
            model_name="teamevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="team_event_row"),
        ),
        migrations.AddIndex(
            model_name="teamevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="team_event_time"),
        ),
        migrations.AddIndex(
            model_name="teamevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"], include=("pgh_label",), name="team_event_user"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="teamevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="76e8cb767d5093e57b78bc74193ff9cd5520b3fb",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_025d3",
                    table="crm_teamevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="userevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="user_event_edit",
            ),
        ),
        migrations.AddIndex(
            model_name="userevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="user_event_row"),
        ),
        migrations.AddIndex(
            model_name="userevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="user_event_time"),
        ),
        migrations.AddIndex(
            model_name="userevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"], include=("pgh_label",), name="user_event_user"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="de2c4b50263152040fc7b596d2ba3da3e11e57bc",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2461d",
                    table="crm_userevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
