"""The undo journal: acts, and what each did to which row."""

import crm.undo.rows
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0011_notifications"),
    ]

    operations = [
        migrations.CreateModel(
            name="Act",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(help_text="Its words: crm.undo.wording.", max_length=60)),
                (
                    "facts",
                    models.JSONField(
                        default=dict, help_text="What the words need: numbers and ids, no names of records."
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "until",
                    models.DateTimeField(default=crm.undo.rows.kept_until, help_text="Empty: for ever.", null=True),
                ),
                ("rows", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("under_way", "Under way"),
                            ("done", "Can be undone"),
                            ("undoing", "Being undone"),
                            ("undone", "Undone"),
                            ("partly", "Partly undone"),
                        ],
                        default="done",
                        max_length=10,
                    ),
                ),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.JSONField(default=dict, help_text="How many rows were restored, kept, left; with why."),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UndoEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=80)),
                ("row_id", models.BigIntegerField()),
                (
                    "operation",
                    models.CharField(
                        choices=[
                            ("insert", "Added"),
                            ("update", "Changed"),
                            ("delete", "Removed"),
                            ("none", "Added and removed"),
                        ],
                        max_length=6,
                    ),
                ),
                ("before", models.JSONField(db_default={})),
                ("after", models.JSONField(db_default={})),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("", "Not undone"),
                            ("restored", "Restored"),
                            ("partly", "Partly restored"),
                            ("kept", "Kept as it is now"),
                            ("left", "Left"),
                        ],
                        db_default="",
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("", ""),
                            ("forbidden", "You may not change it."),
                            ("trashed", "It is in the trash."),
                            ("merged", "It was merged into another."),
                            ("gone", "It is no longer there."),
                            ("unknown", "This kind of data is no longer kept."),
                            ("stuck", "What it was before does not fit any more."),
                        ],
                        db_default="",
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "kept",
                    models.JSONField(
                        db_default={}, default=dict, help_text="What stood in the columns that were not restored."
                    ),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="share",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'crm.share', row.id, 'insert', '{}'::jsonb, to_jsonb(row) - ARRAY['id']::text[] FROM new_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;",
                    hash="59fd001442e0133d82915479fe9565a6148a5bea",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_journal_insert_ec5be",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="crm_share",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="share",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'crm.share', pair.key, 'update', changed.before, changed.after FROM (SELECT became.id AS key, to_jsonb(was) - ARRAY['id']::text[] AS was, to_jsonb(became) - ARRAY['id']::text[] AS became FROM old_values AS was JOIN new_values AS became USING (id) OFFSET 0) AS pair CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = entry.after || EXCLUDED.after; RETURN NULL;",
                    hash="6555b192215d9e4f378c0f88a78a284678e3ee2f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_journal_update_bfaa4",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="crm_share",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="share",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'crm.share', row.id, 'delete', to_jsonb(row) - ARRAY[]::text[], '{}'::jsonb FROM old_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{}'::jsonb, operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;",
                    hash="5c37df0d7de3485a579fd1d4badc85f7c5d8133e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_journal_delete_250f9",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="crm_share",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="act",
            name="by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="act",
            name="job",
            field=models.ForeignKey(
                help_text="That does it.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="acts",
                to="crm.job",
            ),
        ),
        migrations.AddField(
            model_name="act",
            name="undoes",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="undone_in", to="crm.act"
            ),
        ),
        migrations.AddField(
            model_name="act",
            name="undoing_job",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="crm.job"
            ),
        ),
        migrations.AddField(
            model_name="act",
            name="undone_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="undoentry",
            name="act",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="crm.act"
            ),
        ),
        migrations.AddIndex(
            model_name="act",
            index=models.Index(fields=["by", "-id"], name="undo_act_by"),
        ),
        migrations.AddIndex(
            model_name="act",
            index=models.Index(condition=models.Q(("until__isnull", False)), fields=["until"], name="undo_act_until"),
        ),
        migrations.AddConstraint(
            model_name="act",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["under_way", "done", "undoing", "undone", "partly"])),
                name="undo_act_state_known",
            ),
        ),
        migrations.AddIndex(
            model_name="undoentry",
            index=models.Index(fields=["act", "-id"], name="undo_entry_act"),
        ),
        migrations.AddIndex(
            model_name="undoentry",
            index=models.Index(condition=models.Q(("outcome", "")), fields=["act", "-id"], name="undo_entry_open"),
        ),
        migrations.AddIndex(
            model_name="undoentry",
            index=models.Index(fields=["kind", "row_id", "-id"], name="undo_entry_row"),
        ),
        migrations.AddConstraint(
            model_name="undoentry",
            constraint=models.UniqueConstraint(fields=("act", "kind", "row_id"), name="undo_entry_once"),
        ),
    ]
