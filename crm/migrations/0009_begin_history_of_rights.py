"""Users, teams, roles and rights that stood before they were tracked: as they were, so that the first change shows it."""

from django.db import migrations

CONTEXT = """
INSERT INTO pghistory_context (id, created_at, updated_at, metadata)
VALUES ('{context}', now(), now(), '{{"user": null, "reason": "History begins"}}') ON CONFLICT DO NOTHING
"""
EVENT = """
INSERT INTO {table}event (pgh_created_at, pgh_label, pgh_context_id, pgh_obj_id, {columns})
SELECT now(), 'insert', '{context}', id, {columns} FROM {table} AS row
WHERE NOT EXISTS (SELECT FROM {table}event AS event WHERE event.pgh_obj_id = row.id)
"""
CONTEXT_ID = "5c0f2b0e-6d0e-4a53-9d57-0c5d5b1f7a23"
COLUMNS = {
    "crm_user": "id, email, given_name, family_name, is_active, timezone, language, invited_at, role_id, team_id",
    "crm_team": "id, name, parent_id",
    "crm_role": "id, key, name, mfa_required",
    "crm_grant": "id, role_id, kind, action, scope",
}


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0008_firm_rights_and_shares"),
    ]

    operations = [
        migrations.RunSQL(CONTEXT.format(context=CONTEXT_ID), migrations.RunSQL.noop),
        *(
            migrations.RunSQL(EVENT.format(table=table, columns=columns, context=CONTEXT_ID), migrations.RunSQL.noop)
            for table, columns in COLUMNS.items()
        ),
    ]
