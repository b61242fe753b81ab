import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

NOT_LOGGED = """
ALTER TABLE crm_matchpiece SET UNLOGGED;
ALTER TABLE crm_matchpart SET UNLOGGED;
ALTER TABLE crm_matchtouched SET UNLOGGED;
ALTER TABLE crm_matchrun SET UNLOGGED;
ALTER TABLE crm_matchpiece ALTER COLUMN data SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0020_index_suggestions"),
    ]

    operations = [
        migrations.CreateModel(
            name="MatchRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.SmallIntegerField(unique=True)),
                ("specification", models.BigIntegerField(help_text="Its fingerprint.")),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("rebuilds", models.BooleanField(help_text="Whether the blocking keys are derived anew, too.")),
                ("bits", models.SmallIntegerField(help_text="Of a record's id.")),
                (
                    "weights",
                    models.JSONField(
                        default=dict, help_text="By which pairs are compared; those in use follow at its end."
                    ),
                ),
                ("groups", models.SmallIntegerField(help_text="Into which the blocking keys are divided.")),
            ],
        ),
        migrations.CreateModel(
            name="MatchTouched",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "run", "record", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("record", models.BigIntegerField()),
                (
                    "run",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="crm.matchrun"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MatchWeights",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.SmallIntegerField()),
                ("specification", models.BigIntegerField(help_text="Fingerprint of what they are the weights of.")),
                ("weights", models.JSONField()),
                ("answers", models.IntegerField(help_text="From how many they were learnt.")),
                ("learnt_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "-id"], name="match_weights_newest")],
            },
        ),
        migrations.CreateModel(
            name="MatchPiece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=20)),
                ("number", models.IntegerField()),
                ("data", models.BinaryField()),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pieces",
                        to="crm.matchrun",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "name", "number"), name="match_piece_once")],
            },
        ),
        migrations.CreateModel(
            name="MatchPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("keys", "Derive keys"),
                            ("read", "Read records"),
                            ("block", "Find what shares a block"),
                            ("compare", "Compare pairs"),
                        ],
                        max_length=8,
                    ),
                ),
                ("number", models.IntegerField()),
                ("first", models.BigIntegerField(default=0)),
                ("end", models.BigIntegerField(default=0)),
                ("done", models.BooleanField(default=False)),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="crm.matchrun",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("run", "stage", "number"), name="match_part_once")],
            },
        ),
        migrations.RunSQL(NOT_LOGGED, migrations.RunSQL.noop),
    ]
