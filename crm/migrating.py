"""What migrations do to tables that are in use: in short locks, in batches, and again after a run that broke off."""

import pgtrigger
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, transaction
from django.db.models import Max

BATCH_ROWS = 20_000

SHORT_LOCKS = migrations.RunSQL("SET LOCAL lock_timeout = '2s'", "SET LOCAL lock_timeout = '2s'")
"""First in an atomic migration that takes a table for a moment: rather broken off and repeated than in the way."""


class AddIndexAgain(AddIndexConcurrently):
    """CREATE INDEX CONCURRENTLY that may be repeated: what a broken run has left behind is dropped first."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        schema_editor.execute("SET lock_timeout = 0")  # it keeps nobody waiting, and may itself wait for long readers
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.index.name)}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        schema_editor.execute("RESET lock_timeout")


def name_users(app_label, *names):
    """Return the operation that writes into old events who acted, from their context; the only write they ever see."""

    def forwards(apps, schema_editor):
        for name in names:
            _name_users(schema_editor.connection, apps.get_model(app_label, name), f"{app_label}.{name}")

    return migrations.RunPython(forwards, migrations.RunPython.noop, elidable=True)


_SQL = """
UPDATE {table} AS event SET pgh_user_id = (context.metadata->>'user')::integer FROM pghistory_context AS context
WHERE event.pgh_id BETWEEN %s AND %s AND event.pgh_user_id IS NULL AND context.id = event.pgh_context_id
AND context.metadata->>'user' IS NOT NULL
"""


def _name_users(connection, events, label):
    last = events.objects.aggregate(last=Max("pgh_id"))["last"] or 0
    statement = _SQL.format(table=connection.ops.quote_name(events._meta.db_table))
    for first in range(1, last + 1, BATCH_ROWS):
        with transaction.atomic(), pgtrigger.ignore(f"{label}:append_only"), connection.cursor() as cursor:
            cursor.execute(statement, [first, first + BATCH_ROWS - 1])
