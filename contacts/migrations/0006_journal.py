"""Triggers that note for the undo journal what is done to people, companies and the ways to reach them."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from crm.migrating import SHORT_LOCKS


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0012_undo_journal"),
        ("contacts", "0005_names_of_parts"),
    ]

    operations = [
        SHORT_LOCKS,
        pgtrigger.migrations.AddTrigger(
            model_name="company",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.company', row.id, 'insert', '{}'::jsonb, to_jsonb(row) - ARRAY['id', 'audience', 'last_contacted_at', 'next_activity_at', 'shared_with', 'sort_name', 'updated_at', 'updated_by_id', 'version', 'words']::text[] FROM new_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;",
                    hash="80a365fcdec787637bfa0c89c7e2b2e499d2b1e5",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_journal_insert_26d32",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="contacts_company",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="company",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.company', pair.key, 'update', changed.before, changed.after FROM (SELECT became.id AS key, to_jsonb(was) - ARRAY['id', 'audience', 'last_contacted_at', 'next_activity_at', 'shared_with', 'sort_name', 'updated_at', 'updated_by_id', 'version', 'words']::text[] AS was, to_jsonb(became) - ARRAY['id', 'audience', 'last_contacted_at', 'next_activity_at', 'shared_with', 'sort_name', 'updated_at', 'updated_by_id', 'version', 'words']::text[] AS became FROM old_values AS was JOIN new_values AS became USING (id) OFFSET 0) AS pair CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = entry.after || EXCLUDED.after; RETURN NULL;",
                    hash="c36aac5d5872651ce94f88f2eb5ba424c7ed65d3",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_journal_update_667b6",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="contacts_company",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="company",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.company', row.id, 'delete', to_jsonb(row) - ARRAY['audience']::text[], '{}'::jsonb FROM old_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{}'::jsonb, operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;",
                    hash="bb03af44268aa04f2f0b5598beec92ebcf9db5ee",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_journal_delete_5603e",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="contacts_company",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="emailaddress",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.emailaddress', row.id, 'insert', '{}'::jsonb, to_jsonb(row) - ARRAY['id']::text[] FROM new_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;",
                    hash="9e24aa2aa4bec0645e3128d20e6b5219e8035901",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_journal_insert_96f74",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="contacts_emailaddress",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="emailaddress",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.emailaddress', pair.key, 'update', changed.before, changed.after FROM (SELECT became.id AS key, to_jsonb(was) - ARRAY['id']::text[] AS was, to_jsonb(became) - ARRAY['id']::text[] AS became FROM old_values AS was JOIN new_values AS became USING (id) OFFSET 0) AS pair CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = entry.after || EXCLUDED.after; RETURN NULL;",
                    hash="bb0e301682f5cb2d4a57937f25fd0e441072987f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_journal_update_0adc7",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="contacts_emailaddress",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="emailaddress",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.emailaddress', row.id, 'delete', to_jsonb(row) - ARRAY[]::text[], '{}'::jsonb FROM old_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{}'::jsonb, operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;",
                    hash="838bf9a887ff1bb7612068aaabbe31aaced7b78e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_journal_delete_3904f",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="contacts_emailaddress",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.person', row.id, 'insert', '{}'::jsonb, to_jsonb(row) - ARRAY['id', 'audience', 'last_contacted_at', 'next_activity_at', 'shared_with', 'sort_name', 'updated_at', 'updated_by_id', 'version', 'words']::text[] FROM new_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;",
                    hash="c8bedabb89662bab63a595ec1f7100dcf8a6c188",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_journal_insert_21eab",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="contacts_person",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.person', pair.key, 'update', changed.before, changed.after FROM (SELECT became.id AS key, to_jsonb(was) - ARRAY['id', 'audience', 'last_contacted_at', 'next_activity_at', 'shared_with', 'sort_name', 'updated_at', 'updated_by_id', 'version', 'words']::text[] AS was, to_jsonb(became) - ARRAY['id', 'audience', 'last_contacted_at', 'next_activity_at', 'shared_with', 'sort_name', 'updated_at', 'updated_by_id', 'version', 'words']::text[] AS became FROM old_values AS was JOIN new_values AS became USING (id) OFFSET 0) AS pair CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = entry.after || EXCLUDED.after; RETURN NULL;",
                    hash="a83d0dc5acf930e7b80269e9835df58418580731",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_journal_update_506ea",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="contacts_person",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.person', row.id, 'delete', to_jsonb(row) - ARRAY['audience']::text[], '{}'::jsonb FROM old_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{}'::jsonb, operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;",
                    hash="0a84b06d4ac4a1594400d69239be1396b55b2160",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_journal_delete_199d6",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="contacts_person",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phonenumber",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.phonenumber', row.id, 'insert', '{}'::jsonb, to_jsonb(row) - ARRAY['id']::text[] FROM new_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;",
                    hash="2be709e9bd55328118bc88a70a41d0a46efdb0be",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_journal_insert_7720e",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="contacts_phonenumber",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phonenumber",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.phonenumber', pair.key, 'update', changed.before, changed.after FROM (SELECT became.id AS key, to_jsonb(was) - ARRAY['id']::text[] AS was, to_jsonb(became) - ARRAY['id']::text[] AS became FROM old_values AS was JOIN new_values AS became USING (id) OFFSET 0) AS pair CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = entry.after || EXCLUDED.after; RETURN NULL;",
                    hash="135bf680af7e77d6f204630b9d422aede301e3e4",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_journal_update_6d5f4",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="contacts_phonenumber",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phonenumber",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.phonenumber', row.id, 'delete', to_jsonb(row) - ARRAY[]::text[], '{}'::jsonb FROM old_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{}'::jsonb, operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;",
                    hash="f404ea926236b160f61ef9557cbc28aee091fb61",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_journal_delete_59f2e",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="contacts_phonenumber",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postaladdress",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.postaladdress', row.id, 'insert', '{}'::jsonb, to_jsonb(row) - ARRAY['id']::text[] FROM new_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET after = EXCLUDED.after, operation = CASE entry.operation WHEN 'delete' THEN 'update' ELSE 'insert' END; RETURN NULL;",
                    hash="cf0718ab59bc121ddba0c98cff87da214f1e0c9d",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_journal_insert_295ed",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="contacts_postaladdress",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postaladdress",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.postaladdress', pair.key, 'update', changed.before, changed.after FROM (SELECT became.id AS key, to_jsonb(was) - ARRAY['id']::text[] AS was, to_jsonb(became) - ARRAY['id']::text[] AS became FROM old_values AS was JOIN new_values AS became USING (id) OFFSET 0) AS pair CROSS JOIN LATERAL (SELECT jsonb_object_agg(item.key, item.value) AS before, jsonb_object_agg(item.key, pair.became -> item.key) AS after FROM jsonb_each(pair.was) AS item WHERE item.value <> pair.became -> item.key) AS changed WHERE changed.before IS NOT NULL ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = entry.after || EXCLUDED.after; RETURN NULL;",
                    hash="a70aeecc0a735a61c8078dde4bc525c0fd9cecb8",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_journal_update_142b4",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="contacts_postaladdress",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postaladdress",
            trigger=pgtrigger.compiler.Trigger(
                name="journal_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF coalesce(current_setting('crm.undo_act', true), '') = '' THEN RETURN NULL; END IF;INSERT INTO crm_undoentry AS entry (act_id, kind, row_id, operation, before, after) SELECT current_setting('crm.undo_act')::bigint, 'contacts.postaladdress', row.id, 'delete', to_jsonb(row) - ARRAY[]::text[], '{}'::jsonb FROM old_values AS row ON CONFLICT (act_id, kind, row_id) DO UPDATE SET before = EXCLUDED.before || entry.before, after = '{}'::jsonb, operation = CASE entry.operation WHEN 'insert' THEN 'none' ELSE 'delete' END; RETURN NULL;",
                    hash="abfdefd7e29cf0b930c4abf180b2fb05ff300d1c",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_journal_delete_63500",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="contacts_postaladdress",
                    when="AFTER",
                ),
            ),
        ),
    ]
