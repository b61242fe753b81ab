"""Blocking keys, the counts behind rarity, and suggestions."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MatchKey(models.Model):
    """A record stands in a block. Records are known by kind (see crm.duplicates.kinds) and id; no foreign key."""

    pk = models.CompositePrimaryKey("kind", "key", "record")
    kind = models.SmallIntegerField()
    key = models.BigIntegerField(help_text="Hash of 64 bits; see crm.matching.blocking.")
    record = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["kind", "record"], name="match_key_record")]

    def __str__(self):
        return f"{self.record} in {self.key}"


class MatchCount(models.Model):
    """How many records hold a value, of values that more than one holds; as of the last full run."""

    pk = models.CompositePrimaryKey("kind", "column", "value")
    kind = models.SmallIntegerField()
    column = models.CharField(max_length=20)
    value = models.BigIntegerField(help_text="Hash of 64 bits.")
    count = models.IntegerField()

    def __str__(self):
        return f"{self.column}: {self.count}"


PUT_OFF_DAYS = 14
"""How long a pair that somebody put off is out of sight."""


class SuggestionQuerySet(models.QuerySet):
    def waiting(self):
        """Those that nobody has answered; what was put off long enough ago waits again."""
        back = Q(state=Suggestion.State.OPEN) | Q(answered_at__lte=timezone.now() - timedelta(days=PUT_OFF_DAYS))
        return self.filter(back, state__in=Suggestion.UNANSWERED)

    def put_off(self):
        """Those that somebody put off, and that are not back yet."""
        since = timezone.now() - timedelta(days=PUT_OFF_DAYS)
        return self.filter(state=Suggestion.State.LATER, answered_at__gt=since)

    def answered(self):
        return self.filter(state__in=Suggestion.ANSWERS)

    def likely(self):
        """Those that are rather the same than not."""
        return self.filter(weight__gt=0)

    def editable_by(self, user, kind):
        """Return the pairs of a kind both of whose records this user may change."""
        opened = kind.model.objects.editable_by(user).values("pk")
        return self.filter(kind=kind.number, left__in=opened, right__in=opened)


class Suggestion(models.Model):
    """Two records that may be one, and what people said to that.

    `levels`: a byte for each comparison of the specification; `rarities`: a float32 each: what evidence is told from.
    `cluster`: the smallest id among those put together with them; None where they are not put together.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        LATER = "later", _("Later")
        SAME = "same", _("The same")
        NOT_SAME = "not_same", _("Not the same")

    ANSWERS = (State.SAME, State.NOT_SAME)
    UNANSWERED = (State.OPEN, State.LATER)

    kind = models.SmallIntegerField()
    left = models.BigIntegerField()
    right = models.BigIntegerField()
    weight = models.FloatField(help_text="Log odds that they are the same.")
    cluster = models.BigIntegerField(null=True)
    levels = models.BinaryField()
    rarities = models.BinaryField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(db_default=models.functions.Now())
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("crm.User", models.SET_NULL, null=True, related_name="+", db_index=False)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "left", "right"], name="suggestion_of_a_pair"),
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="suggestion_left_before_right"),
        ]
        indexes = [
            models.Index(fields=["kind", "right"], name="suggestion_right"),
            models.Index(fields=["kind", "cluster"], name="suggestion_cluster", condition=Q(cluster__isnull=False)),
            models.Index(
                fields=["weight", "id"], name="suggestion_unanswered", condition=Q(state__in=["open", "later"])
            ),
            models.Index(
                fields=["answered_at", "id"], name="suggestion_answered", condition=Q(answered_at__isnull=False)
            ),
        ]

    def __str__(self):
        return f"{self.left} and {self.right}"
