"""Triggers that note for the undo journal what is done to the logs of mails."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("interactions", "0008_mail_log"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="maillog",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.maillog', row.id, 'insert', '{}'::jsonb, to_jsonb(row) - ARRAY['id']::text[] FROM new_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;",
                    hash="bf0e169015cd4d203e7d5427288c104a21e3d09b",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_journal_insert_7d279",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="interactions_maillog",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maillog",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.maillog', pair.key, 'update', changed.before, changed.after FROM (SELECT became.id AS key, to_jsonb(was) - ARRAY['id']::text[] AS was, to_jsonb(became) - ARRAY['id']::text[] AS became FROM old_values AS was JOIN new_values AS became USING (id) OFFSET 0) AS pair CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = entry.after || EXCLUDED.after; RETURN NULL;",
                    hash="2b2436b6f70309817efc38b107bbbb3ec31d2f47",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_journal_update_f8edf",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="interactions_maillog",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="maillog",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'interactions.maillog', row.id, 'delete', to_jsonb(row) - ARRAY[]::text[], '{}'::jsonb FROM old_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{}'::jsonb, operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;",
                    hash="3d7c837184005649cdc1b3c883d8cd093e688885",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_journal_delete_2d675",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="interactions_maillog",
                    when="AFTER",
                ),
            ),
        ),
    ]
