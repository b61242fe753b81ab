import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0014_mail_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(editable=False, max_length=60)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "shared",
                    models.CharField(
                        blank=True,
                        choices=[("", "Only me"), ("team", "My team"), ("all", "Everybody")],
                        default="",
                        max_length=4,
                        verbose_name="for",
                    ),
                ),
                (
                    "filters",
                    models.JSONField(default=dict, editable=False, help_text="{filter: [values]}, as in the address."),
                ),
                ("rule", models.JSONField(editable=False, help_text="See crm.conditions.language.", null=True)),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, editable=False, size=None
                    ),
                ),
                ("sort", models.CharField(blank=True, editable=False, max_length=60)),
                ("position", models.PositiveIntegerField(default=0, editable=False)),
                ("removed_at", models.DateTimeField(editable=False, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="crm.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "indexes": [
                    models.Index(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=["kind", "owner"],
                        name="saved_view_own",
                    ),
                    models.Index(
                        condition=models.Q(("removed_at__isnull", True), models.Q(("shared", ""), _negated=True)),
                        fields=["kind", "shared", "team"],
                        name="saved_view_shared",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("shared__in", ["", "team", "all"])), name="saved_view_shared_known"
                    )
                ],
            },
        ),
    ]
