"""Numbers that records have in other programs, and rows of files that are merged with records."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0025_index_merges"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importrow",
            name="fate",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Not checked"),
                    ("new", "New"),
                    ("double", "New, maybe a double"),
                    ("update", "Update"),
                    ("merge", "Merge"),
                    ("same", "Same"),
                    ("skipped", "Left out"),
                    ("bad", "Cells to mend"),
                    ("refused", "Refused"),
                ],
                default="",
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="ExternalId",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(editable=False, max_length=60)),
                ("source", models.CharField(max_length=40, verbose_name="program")),
                ("key", models.CharField(max_length=200, verbose_name="number")),
                ("record_id", models.BigIntegerField(editable=False)),
            ],
            options={
                "verbose_name": "number in another program",
                "verbose_name_plural": "numbers in another program",
                "indexes": [models.Index(fields=["kind", "record_id"], name="external_id_record")],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "source", "key", "record_id"), name="external_id_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source", ""), _negated=True), models.Q(("key", ""), _negated=True)
                        ),
                        name="external_id_of_a_source",
                    ),
                ],
            },
        ),
    ]
