"""Merging the certain ones: whether it is on for a kind, the runs, and what became of each cluster of a run."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import duplicates
from crm.history import tracked


def kinds_in_words():
    """Return [(number, plural)] of the kinds that are matched."""
    return [(kind.number, kind.model._meta.verbose_name_plural) for kind in duplicates.kinds()]


@tracked()
class CertainRule(models.Model):
    """Whether the certain ones of a kind may be merged by a run; who said so, and the figures they had before them.

    `by`: with whose rights the nightly run merges.
    """

    kind = models.SmallIntegerField(_("kind"), unique=True, choices=kinds_in_words)
    is_on = models.BooleanField(_("merge the certain ones"), default=False)
    is_nightly = models.BooleanField(_("every night"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("with the rights of"),
    )
    answers = models.PositiveIntegerField(_("answered pairs"), default=0)
    same = models.PositiveIntegerField(_("of these the same"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("rule for merges"), _("rules for merges")
        constraints = [
            models.CheckConstraint(condition=Q(is_on=True) | Q(is_nightly=False), name="certain_rule_off_is_off"),
            models.CheckConstraint(condition=Q(same__lte=models.F("answers")), name="certain_rule_same_of_answers"),
        ]

    def __str__(self):
        return _t("Merging the certain ones of %(kind)s") % {"kind": self.get_kind_display()}


class BulkMerge(models.Model):
    """A run over clusters that were certain when it was asked for. Who asked merges, with their rights.

    `left`: {reason: clusters} that were left when the list was made. `job` does it, `parting_job` takes it apart.
    """

    kind = models.SmallIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    is_nightly = models.BooleanField(default=False)
    left = models.JSONField(default=dict)
    job = models.ForeignKey("crm.Job", models.SET_NULL, null=True, related_name="+", db_index=False)
    parting_job = models.ForeignKey("crm.Job", models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["kind", "-id"], name="bulk_merge_kind")]

    def __str__(self):
        return f"{self.kind} {self.pk}"


class BulkMergeItem(models.Model):
    """A cluster of a run: its records as they were when the list was made, and what became of them."""

    class Outcome(models.TextChoices):
        OPEN = "", _("To do")
        MERGED = "merged", _("Merged")
        LEFT = "left", _("Left")
        PARTED = "parted", _("Taken apart")
        PARTLY = "partly", _("Taken apart, but for what was edited since")
        STAYS = "stays", _("Stays merged")

    run = models.ForeignKey(BulkMerge, models.CASCADE, related_name="items", db_index=False)
    number = models.IntegerField()
    ids = ArrayField(models.BigIntegerField())
    versions = ArrayField(models.IntegerField())
    outcome = models.CharField(max_length=6, choices=Outcome, default=Outcome.OPEN, blank=True)
    why = models.CharField(max_length=10, blank=True)
    act = models.ForeignKey("crm.Act", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="bulk_merge_item_once")]
        indexes = [models.Index(fields=["run", "outcome", "number"], name="bulk_merge_item_outcome")]

    def __str__(self):
        return f"{self.run_id}/{self.number}: {self.outcome}"
