"""Triggers that note for the undo journal what is done to talks and tasks."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from crm.migrating import SHORT_LOCKS


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0012_undo_journal"),
        ("interactions", "0006_index_reminders"),
    ]

    operations = [
        SHORT_LOCKS,
        pgtrigger.migrations.AddTrigger(
            model_name="interaction",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.interaction', row.id, 'insert', '{}'::jsonb, to_jsonb(row) - ARRAY['id', 'updated_at', 'updated_by_id', 'version']::text[] FROM new_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;",
                    hash="b30c82d0d3640dd32c9d95f4fdc06a8450296287",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_journal_insert_84cf3",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="interactions_interaction",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="interaction",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.interaction', pair.key, 'update', changed.before, changed.after FROM (SELECT became.id AS key, to_jsonb(was) - ARRAY['id', 'updated_at', 'updated_by_id', 'version']::text[] AS was, to_jsonb(became) - ARRAY['id', 'updated_at', 'updated_by_id', 'version']::text[] AS became FROM old_values AS was JOIN new_values AS became USING (id) OFFSET 0) AS pair CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = entry.after || EXCLUDED.after; RETURN NULL;",
                    hash="e85daaead0f798a9ddcfb9c2ff92a0cbcde63497",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_journal_update_f8c09",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="interactions_interaction",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="interaction",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.interaction', row.id, 'delete', to_jsonb(row) - ARRAY[]::text[], '{}'::jsonb FROM old_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{}'::jsonb, operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;",
                    hash="0a444c308cb63893eb30928e3b8b9463c754237a",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_journal_delete_f4b82",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="interactions_interaction",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="participation",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.participation', row.id, 'insert', '{}'::jsonb, to_jsonb(row) - ARRAY['id']::text[] FROM new_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;",
                    hash="918fe24f20346b83b0b5af2df50365fb27485929",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_journal_insert_6a733",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="interactions_participation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="participation",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.participation', pair.key, 'update', changed.before, changed.after FROM (SELECT became.id AS key, to_jsonb(was) - ARRAY['id']::text[] AS was, to_jsonb(became) - ARRAY['id']::text[] AS became FROM old_values AS was JOIN new_values AS became USING (id) OFFSET 0) AS pair CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = entry.after || EXCLUDED.after; RETURN NULL;",
                    hash="f68a5ca65d014a66d3e33c24496493130b037c74",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_journal_update_7097e",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="interactions_participation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="participation",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.participation', row.id, 'delete', to_jsonb(row) - ARRAY[]::text[], '{}'::jsonb FROM old_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{}'::jsonb, operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;",
                    hash="0f6c0adc9545f970c6a0b7c8745c1b87792903a5",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_journal_delete_aae08",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="interactions_participation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.task', row.id, 'insert', '{}'::jsonb, to_jsonb(row) - ARRAY['id', 'due_at', 'remind_at', 'updated_at', 'updated_by_id', 'version']::text[] FROM new_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;",
                    hash="44cf30eb527e82336ddaeadc5ae1ed2514f6f4d2",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_journal_insert_97c13",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="interactions_task",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.task', pair.key, 'update', changed.before, changed.after FROM (SELECT became.id AS key, to_jsonb(was) - ARRAY['id', 'due_at', 'remind_at', 'updated_at', 'updated_by_id', 'version']::text[] AS was, to_jsonb(became) - ARRAY['id', 'due_at', 'remind_at', 'updated_at', 'updated_by_id', 'version']::text[] AS became FROM old_values AS was JOIN new_values AS became USING (id) OFFSET 0) AS pair CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = entry.after || EXCLUDED.after; RETURN NULL;",
                    hash="bcbd051f3b5c9dc6826c363e042462427ea83e2f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_journal_update_66077",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="interactions_task",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="task",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.task', row.id, 'delete', to_jsonb(row) - ARRAY[]::text[], '{}'::jsonb FROM old_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{}'::jsonb, operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;",
                    hash="bfa0fb7272a9ac12b7f6c31c9c2a6a10f8af3032",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_journal_delete_37910",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="interactions_task",
                    when="AFTER",
                ),
            ),
        ),
    ]
