"""An import, its file and its rows. They belong to whoever brought the file; nobody else sees them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.undo.journal import journaled

KEPT_DAYS = 90
"""How long the rows of an import stay: as long as it can be undone."""
WAITING_DAYS = 14
"""How long a file stays that is brought and never run."""


class ImportQuerySet(models.QuerySet):
    def of(self, user):
        """Return those this user brought."""
        return self.filter(user=user)

    def waiting(self):
        """Return those whose run was never asked for."""
        return self.exclude(state__in=[Import.State.RUNNING, Import.State.DONE])

    def over(self):
        """Return those whose rows are kept no longer."""
        now = timezone.now()
        waited = models.Q(made_at__lt=now - timedelta(days=WAITING_DAYS)) & ~models.Q(state__in=["running", "done"])
        return self.filter(waited | models.Q(made_at__lt=now - timedelta(days=KEPT_DAYS)))


class Import(models.Model):
    """A file somebody brings, how its columns are read, what is to become of its rows and what did."""

    class State(models.TextChoices):
        MAPPING = "mapping", _("To be mapped")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=60)
    name = models.CharField(_("file"), max_length=200)
    form = models.CharField(max_length=8)
    encoding = models.CharField(max_length=20, blank=True)
    size = models.PositiveIntegerField(help_text="Bytes.")
    made_at = models.DateTimeField(default=timezone.now)
    header = ArrayField(models.TextField())
    total = models.PositiveIntegerField(default=0, help_text="Rows without the header.")
    mapping = models.JSONField(default=list, help_text="For each column of the file the key of ours, or nothing.")
    values = models.JSONField(default=dict, help_text="{key: {what stands in the file: a value of ours}}")
    options = models.JSONField(default=dict)
    source = models.CharField(max_length=40, blank=True, help_text="The program it was exported from, if known.")
    state = models.CharField(max_length=8, choices=State, default=State.MAPPING)
    counts = models.JSONField(default=dict)
    checking_job = models.ForeignKey("crm.Job", models.SET_NULL, null=True, related_name="+", db_index=False)
    job = models.ForeignKey("crm.Job", models.SET_NULL, null=True, related_name="+", db_index=False)
    ran_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["mapping", "checking", "checked", "running", "done"]),
                name="import_state_known",
            )
        ]
        indexes = [models.Index(fields=["user", "-id"], name="import_of_user")]

    def __str__(self):
        return self.name

    @property
    def waits_until(self):
        """When it is cleared if it is never run."""
        return self.made_at + timedelta(days=WAITING_DAYS)

    @property
    def is_begun(self):
        """Whether its run was asked for: from then on nothing of it can be set."""
        return self.state in (self.State.RUNNING, self.State.DONE)


class ImportFilePart(models.Model):
    """A stretch of the file as it was brought."""

    of = models.ForeignKey(Import, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="import_file_part_once")]

    def __str__(self):
        return f"{self.of_id}/{self.number}"


class ImportRow(models.Model):
    """A row of the file, what is to become of it, and after the run what did.

    `leader`: the first row of the file that may be about the same record; rows with one leader are worked off together.
    `found`: {"bad": {place: why}, "was": {place: how it is written now}, "hints", "fields", "double", "percent",
    "reason"}. Places of columns count from 0.
    """

    class Fate(models.TextChoices):
        OPEN = "", _("Not checked")
        NEW = "new", _("New")
        DOUBLE = "double", _("New, maybe a double")
        UPDATE = "update", _("Update")
        MERGE = "merge", _("Merge")
        SAME = "same", _("Same")
        SKIPPED = "skipped", _("Left out")
        BAD = "bad", _("Cells to mend")
        REFUSED = "refused", _("Refused")

    WRITTEN = (Fate.NEW, Fate.DOUBLE, Fate.UPDATE, Fate.MERGE)
    SET_ASIDE = (Fate.BAD, Fate.REFUSED)

    of = models.ForeignKey(Import, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField(help_text="In the file, the header counted.")
    cells = ArrayField(models.TextField())
    leader = models.PositiveIntegerField(default=0)
    keys = ArrayField(models.TextField(), default=list)
    fate = models.CharField(max_length=8, choices=Fate, default=Fate.OPEN, blank=True)
    record = models.BigIntegerField(null=True)
    found = models.JSONField(default=dict)
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="import_row_once")]
        indexes = [
            models.Index(fields=["of", "leader", "number"], name="import_row_to_do", condition=models.Q(is_done=False)),
            models.Index(fields=["of", "fate", "number"], name="import_row_fate"),
        ]

    def __str__(self):
        return f"{self.of_id}/{self.number}"


@journaled()
class ExternalId(models.Model):
    """The number that a record has in another program, as files of that program said it.

    Several records can have one: who brought the file of one of them need not see the other. `source`: the program's
    name as `numbers.source_of` gives it.
    """

    kind = models.CharField(max_length=60, editable=False)
    source = models.CharField(_("program"), max_length=40)
    key = models.CharField(_("number"), max_length=200)
    record_id = models.BigIntegerField(editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("number in another program"), _("numbers in another program")
        constraints = [
            models.UniqueConstraint(fields=["kind", "source", "key", "record_id"], name="external_id_once"),
            models.CheckConstraint(condition=~models.Q(source="") & ~models.Q(key=""), name="external_id_of_a_source"),
        ]
        indexes = [models.Index(fields=["kind", "record_id"], name="external_id_record")]

    def __str__(self):
        return f"{self.source} {self.key}"


class RememberedMapping(models.Model):
    """How a user mapped a file with such columns last time."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=60)
    fingerprint = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict, help_text="{name of the column: key}")
    values = models.JSONField(default=dict)
    options = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "fingerprint"], name="import_mapping_remembered_once")
        ]

    def __str__(self):
        return f"{self.kind} {self.fingerprint[:8]}"
