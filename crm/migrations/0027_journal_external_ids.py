"""Triggers that note for the undo journal what is done to numbers of other programs."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0026_external_ids"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="externalid",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'crm.externalid', row.id, 'insert', '{}'::jsonb, to_jsonb(row) - ARRAY['id']::text[] FROM new_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;",
                    hash="291282dd88f97730dc7ec05fc50e8bce5c7f3db9",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_journal_insert_9112e",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="crm_externalid",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="externalid",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'crm.externalid', pair.key, 'update', changed.before, changed.after FROM (SELECT became.id AS key, to_jsonb(was) - ARRAY['id']::text[] AS was, to_jsonb(became) - ARRAY['id']::text[] AS became FROM old_values AS was JOIN new_values AS became USING (id) OFFSET 0) AS pair CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = entry.after || EXCLUDED.after; RETURN NULL;",
                    hash="9096f0cd553cd983b9f9674f28b9227370973fb8",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_journal_update_99139",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="crm_externalid",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="externalid",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'crm.externalid', row.id, 'delete', to_jsonb(row) - ARRAY[]::text[], '{}'::jsonb FROM old_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{}'::jsonb, operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;",
                    hash="fa1ea7b976166ff1fd49be6373a2f71c54edefc0",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_journal_delete_a3ebc",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="crm_externalid",
                    when="AFTER",
                ),
            ),
        ),
    ]
