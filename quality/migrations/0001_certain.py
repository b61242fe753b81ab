import crm.history
import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import quality.models
from django.conf import settings
from django.db import migrations, models

from crm.migrating import SHORT_LOCKS


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("crm", "0025_index_merges"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        SHORT_LOCKS,
        migrations.CreateModel(
            name="BulkMerge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.SmallIntegerField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("is_nightly", models.BooleanField(default=False)),
                ("left", models.JSONField(default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="crm.job",
                    ),
                ),
                (
                    "parting_job",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="crm.job",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BulkMergeItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField()),
                ("ids", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("versions", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "To do"),
                            ("merged", "Merged"),
                            ("left", "Left"),
                            ("parted", "Taken apart"),
                            ("partly", "Taken apart, but for what was edited since"),
                            ("stays", "Stays merged"),
                        ],
                        default="",
                        max_length=6,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=10)),
                (
                    "act",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="crm.act"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="quality.bulkmerge",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CertainRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.SmallIntegerField(choices=quality.models.kinds_in_words, unique=True, verbose_name="kind"),
                ),
                ("is_on", models.BooleanField(default=False, verbose_name="merge the certain ones")),
                ("is_nightly", models.BooleanField(default=False, verbose_name="every night")),
                ("answers", models.PositiveIntegerField(default=0, verbose_name="answered pairs")),
                ("same", models.PositiveIntegerField(default=0, verbose_name="of these the same")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="with the rights of",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule for merges",
                "verbose_name_plural": "rules for merges",
            },
        ),
        migrations.CreateModel(
            name="CertainRuleEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_user_id", models.IntegerField(db_default=crm.history.ActingUser(), editable=False, null=True)),
                ("id", models.BigIntegerField()),
                ("kind", models.SmallIntegerField(choices=quality.models.kinds_in_words, verbose_name="kind")),
                ("is_on", models.BooleanField(default=False, verbose_name="merge the certain ones")),
                ("is_nightly", models.BooleanField(default=False, verbose_name="every night")),
                ("answers", models.PositiveIntegerField(default=0, verbose_name="answered pairs")),
                ("same", models.PositiveIntegerField(default=0, verbose_name="of these the same")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="with the rights of",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="quality.certainrule",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="bulkmerge",
            index=models.Index(fields=["kind", "-id"], name="bulk_merge_kind"),
        ),
        migrations.AddIndex(
            model_name="bulkmergeitem",
            index=models.Index(fields=["run", "outcome", "number"], name="bulk_merge_item_outcome"),
        ),
        migrations.AddConstraint(
            model_name="bulkmergeitem",
            constraint=models.UniqueConstraint(fields=("run", "number"), name="bulk_merge_item_once"),
        ),
        migrations.AddConstraint(
            model_name="certainrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_on", True), ("is_nightly", False), _connector="OR"),
                name="certain_rule_off_is_off",
            ),
        ),
        migrations.AddConstraint(
            model_name="certainrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("same__lte", models.F("answers"))), name="certain_rule_same_of_answers"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="certainrule",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "quality_certainruleevent" ("answers", "by_id", "id", "is_nightly", "is_on", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "same") SELECT new_values."answers", new_values."by_id", new_values."id", new_values."is_nightly", new_values."is_on", new_values."kind", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."same" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="6d6be216cd79aeacaa2f5045f33a0c6a2bff015c",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b3278",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="quality_certainrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="certainrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "quality_certainruleevent" ("answers", "by_id", "id", "is_nightly", "is_on", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "same") SELECT new_values."answers", new_values."by_id", new_values."id", new_values."is_nightly", new_values."is_on", new_values."kind", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."same" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="a952e02b69e1f22e1d86687e52c046ea5dcf0647",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4829a",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="quality_certainrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="certainrule",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "quality_certainruleevent" ("answers", "by_id", "id", "is_nightly", "is_on", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "same") SELECT old_values."answers", old_values."by_id", old_values."id", old_values."is_nightly", old_values."is_on", old_values."kind", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."same" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="b60a54102c09ed765921715f79b8ea283dcd9821",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_556d8",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="quality_certainrule",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="certainruleevent",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="certainrule_event_row"),
        ),
        migrations.AddIndex(
            model_name="certainruleevent",
            index=models.Index(fields=["pgh_created_at", "pgh_id"], name="certainrule_event_time"),
        ),
        migrations.AddIndex(
            model_name="certainruleevent",
            index=models.Index(
                condition=models.Q(("pgh_label", "insert"), _negated=True),
                fields=["pgh_created_at", "pgh_id"],
                name="certainrule_event_edit",
            ),
        ),
        migrations.AddIndex(
            model_name="certainruleevent",
            index=models.Index(
                fields=["pgh_user_id", "pgh_created_at", "pgh_id"],
                include=("pgh_label",),
                name="certainrule_event_user",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="certainruleevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="1518b51b2777ae856b6936bbca83241b797b0bd1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a8741",
                    table="quality_certainruleevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
