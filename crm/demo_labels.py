"""What is known to be wrong with made-up data, so that what finds faults can be measured."""

from django.db import models
from django.db.models import F


class DemoLabel(models.Model):
    """One fact about one made-up record: a duplicate, something invalid or outdated, a planted fraud.

    Rows of one `cluster` belong together: with the label "duplicate" they are the same person or company, with
    "distinct" they look alike but are not.
    """

    class Label(models.TextChoices):
        DUPLICATE = "duplicate"
        DISTINCT = "distinct"
        INVALID = "invalid"
        OUTDATED = "outdated"
        FRAUD = "fraud"

    kind = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    label = models.CharField(max_length=12, choices=Label)
    variant = models.CharField(max_length=40)
    cluster = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "record_id"], name="demo_label_record"),
            models.Index(F("label"), F("variant"), name="demo_label_variant"),
            models.Index(fields=["cluster"], name="demo_label_cluster", condition=models.Q(cluster__isnull=False)),
        ]

    def __str__(self):
        return f"{self.label}: {self.variant}"
