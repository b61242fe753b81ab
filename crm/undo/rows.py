"""The undo journal: acts, and what each did to which row.

One row of the journal holds all columns that an act changed in one row, as a pair of JSON objects. Against a row for
each column (10,000 people given to another owner and team: `python -m bench.undo --shapes`), the pair takes half the
entries, 3.5 MB instead of 6.0, and half the time to write, and undoing needs no grouping; a conflict is still told
column by column, as each object is keyed by column. JSON of the database's own making keeps every type of ours exactly.

The journal is append-only but for what became of it: the outcome of an undo.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.policies import ADMINISTRATION

KEPT_DAYS = 90
MERGES = Q(kind="crm.merge", state="done")
ONCE = "once"
"""The fact of an undo that is not undone itself: what it took back is done again by an act of its own."""


def kept_until():
    return timezone.now() + timedelta(days=KEPT_DAYS)


class ActQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Whoever administers the site sees every act, everybody else their own; what changed nothing is none."""
        mine = self if user.access.may(ADMINISTRATION, "view") else self.filter(by=user.pk)
        return mine.filter(rows__gt=0)

    def over(self, now):
        """Those that can be undone no more."""
        return self.filter(until__lt=now)


class Act(models.Model):
    """Something somebody did to records that can be taken back: what kind, who, when, how many rows, and its state."""

    class State(models.TextChoices):
        UNDER_WAY = "under_way", _("Under way")
        DONE = "done", _("Can be undone")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        PARTLY = "partly", _("Partly undone")

    kind = models.CharField(max_length=60, help_text="Its words: crm.undo.wording.")
    facts = models.JSONField(default=dict, help_text="What the words need: numbers and ids, no names of records.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, default=kept_until, help_text="Empty: for ever.")
    rows = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.DONE)
    job = models.ForeignKey("crm.Job", models.SET_NULL, null=True, related_name="acts", help_text="That does it.")
    undoing_job = models.ForeignKey("crm.Job", models.SET_NULL, null=True, related_name="+")
    undoes = models.ForeignKey("self", models.SET_NULL, null=True, related_name="undone_in")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    outcome = models.JSONField(default=dict, help_text="How many rows were restored, kept, left; with why.")

    objects = ActQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["under_way", "done", "undoing", "undone", "partly"]), name="undo_act_state_known"
            )
        ]
        indexes = [
            models.Index(fields=["by", "-id"], name="undo_act_by"),
            models.Index(fields=["until"], name="undo_act_until", condition=Q(until__isnull=False)),
            models.Index(KT("facts__kind"), F("id").desc(), name="undo_act_merge", condition=MERGES),
            models.Index(
                KT("facts__kind"),
                Cast(KT("facts__record"), models.BigIntegerField()),
                name="undo_act_merged_into",
                condition=MERGES,
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self):
        """Whether it can be undone now: it stands, and no job is still at it."""
        if (self.until and self.until < timezone.now()) or self.facts.get(ONCE):
            return False
        if self.state == self.State.UNDER_WAY:
            return _is_over(self.job)
        return self.state == self.State.DONE or self.is_stuck

    @property
    def is_stuck(self):
        """Whether its undoing was stopped or given up on the way."""
        return self.state == self.State.UNDOING and _is_over(self.undoing_job)


def _is_over(job):
    return job is None or job.is_over


class UndoEntry(models.Model):
    """What an act did to one row: its columns before and after, and what an undo made of it. Written by triggers."""

    class Operation(models.TextChoices):
        INSERT = "insert", _("Added")
        UPDATE = "update", _("Changed")
        DELETE = "delete", _("Removed")
        NONE = "none", _("Added and removed")

    class Outcome(models.TextChoices):
        OPEN = "", _("Not undone")
        RESTORED = "restored", _("Restored")
        PARTLY = "partly", _("Partly restored")
        KEPT = "kept", _("Kept as it is now")
        LEFT = "left", _("Left")

    class Why(models.TextChoices):
        NONE = "", ""
        FORBIDDEN = "forbidden", _("You may not change it.")
        TRASHED = "trashed", _("It is in the trash.")
        MERGED = "merged", _("It was merged into another.")
        GONE = "gone", _("It is no longer there.")
        UNKNOWN = "unknown", _("This kind of data is no longer kept.")
        STUCK = "stuck", _("What it was before does not fit any more.")

    act = models.ForeignKey(Act, models.CASCADE, related_name="entries", db_index=False)
    kind = models.CharField(max_length=80)
    row_id = models.BigIntegerField()
    operation = models.CharField(max_length=6, choices=Operation)
    before = models.JSONField(db_default={})
    after = models.JSONField(db_default={})
    outcome = models.CharField(max_length=8, choices=Outcome, db_default="", default="")
    why = models.CharField(max_length=10, choices=Why, db_default="", default="")
    kept = models.JSONField(db_default={}, default=dict, help_text="What stood in the columns that were not restored.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "kind", "row_id"], name="undo_entry_once")]
        indexes = [
            models.Index(fields=["act", "-id"], name="undo_entry_act"),
            models.Index(fields=["act", "-id"], name="undo_entry_open", condition=Q(outcome="")),
            models.Index(fields=["kind", "row_id", "-id"], name="undo_entry_row"),
        ]

    def __str__(self):
        return f"{self.operation} {self.kind} {self.row_id}"
