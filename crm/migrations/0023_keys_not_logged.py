from django.db import migrations, models

NOT_LOGGED = """
ALTER TABLE crm_builtkeys SET UNLOGGED;
ALTER TABLE crm_matchkey SET UNLOGGED;
DELETE FROM crm_matchcount WHERE "column" = 'keys';
"""


class Migration(migrations.Migration):
    """Keys that are there are built anew: which they are by was noted elsewhere."""

    dependencies = [
        ("crm", "0022_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="BuiltKeys",
            fields=[
                ("kind", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("specification", models.BigIntegerField(help_text="The fingerprint of its keys.")),
            ],
        ),
        migrations.RunSQL(NOT_LOGGED, migrations.RunSQL.noop),
    ]
