"""Blocking keys, the counts behind rarity, and suggestions."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MatchKey(models.Model):
    """A record stands in a block. Records are known by kind (see crm.duplicates.kinds) and id; no foreign key.

    Not logged, as keys follow from the records (docs/adr/0003): a crash of the database empties this and BuiltKeys.
    """

    pk = models.CompositePrimaryKey("kind", "key", "record")
    kind = models.SmallIntegerField()
    key = models.BigIntegerField(help_text="Hash of 64 bits; see crm.matching.blocking.")
    record = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["kind", "record"], name="match_key_record")]

    def __str__(self):
        return f"{self.record} in {self.key}"


class BuiltKeys(models.Model):
    """All records of a kind have the keys of one specification. Lost with the keys, and then they are built anew."""

    kind = models.SmallIntegerField(primary_key=True)
    specification = models.BigIntegerField(help_text="The fingerprint of its keys.")

    def __str__(self):
        return f"{self.kind} by {self.specification}"


class MatchCount(models.Model):
    """How many records hold a value, of values that more than one holds; as of the last full run."""

    pk = models.CompositePrimaryKey("kind", "column", "value")
    kind = models.SmallIntegerField()
    column = models.CharField(max_length=20)
    value = models.BigIntegerField(help_text="Hash of 64 bits.")
    count = models.IntegerField()

    def __str__(self):
        return f"{self.column}: {self.count}"


class MatchRun(models.Model):
    """A full run that is under way: what its parts have to know of one another. It goes when the run ends.

    This and the three tables below are not logged: a crash of the database empties all four, and the run begins anew.
    """

    class Stage(models.TextChoices):
        KEYS = "keys", _("Derive keys")
        READ = "read", _("Read records")
        BLOCK = "block", _("Find what shares a block")
        COMPARE = "compare", _("Compare pairs")

    kind = models.SmallIntegerField(unique=True)
    specification = models.BigIntegerField(help_text="Its fingerprint.")
    begun_at = models.DateTimeField(default=timezone.now)
    rebuilds = models.BooleanField(help_text="Whether the blocking keys are derived anew, too.")
    bits = models.SmallIntegerField(help_text="Of a record's id.")
    groups = models.SmallIntegerField(help_text="Into which the blocking keys are divided.")
    weights = models.JSONField(default=dict, help_text="By which pairs are compared; those in use follow at its end.")

    def __str__(self):
        return f"{self.kind}"


class MatchPart(models.Model):
    """A part of a run that any worker may do, alone: a range of ids, a group of keys, a slice of pairs."""

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="parts", db_index=False)
    stage = models.CharField(max_length=8, choices=MatchRun.Stage)
    number = models.IntegerField()
    first = models.BigIntegerField(default=0)
    end = models.BigIntegerField(default=0)
    done = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "stage", "number"], name="match_part_once")]

    def __str__(self):
        return f"{self.stage} {self.number}"


class MatchPiece(models.Model):
    """What a part of a run has made: arrays, packed."""

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="pieces", db_index=False)
    name = models.CharField(max_length=20)
    number = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "name", "number"], name="match_piece_once")]

    def __str__(self):
        return f"{self.name} {self.number}"


class MatchTouched(models.Model):
    """A record that an increment looked at while a run was under way: what it found stands."""

    pk = models.CompositePrimaryKey("run", "record")
    run = models.ForeignKey(MatchRun, models.CASCADE, db_index=False)
    record = models.BigIntegerField()

    def __str__(self):
        return f"{self.record}"


class MatchWeights(models.Model):
    """Weights that follow from the shipped ones and what people said, since when. The newest of a kind are in use."""

    kind = models.SmallIntegerField()
    specification = models.BigIntegerField(help_text="Fingerprint of what they are the weights of.")
    weights = models.JSONField()
    answers = models.IntegerField(help_text="From how many they were learnt.")
    learnt_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["kind", "-id"], name="match_weights_newest")]

    def __str__(self):
        return f"{self.kind}: {self.answers}"


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
    answered_weight = models.FloatField(null=True, help_text="What it weighed when it was answered.")

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
