"""The job row: the queue of record. Celery only wakes workers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.policies import ADMINISTRATION


class JobQuerySet(models.QuerySet):
    def claimable(self, now):
        """Those a worker may take: due, or left behind by a worker whose lease ran out."""
        return self.filter(Q(state__in=Job.DUE, run_after__lte=now) | Q(state=Job.State.RUNNING, lease_until__lt=now))

    def visible_to(self, user):
        """Whoever administers the site sees every job, everybody else those they asked for."""
        return self.all() if user.access.may(ADMINISTRATION, "view") else self.filter(asked_by=user)

    def given_up(self):
        """Those that failed for good and that nobody has looked at yet."""
        return self.filter(state=Job.State.DEAD, set_aside_at=None)

    def open(self):
        return self.filter(state__in=[*Job.DUE, Job.State.RUNNING])


class Job(models.Model):
    """Work asked for and what became of it: written with the fact that asks for it, kept when it is over."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed, will be tried again")
        DEAD = "dead", _("Given up")
        CANCELLED = "cancelled", _("Cancelled")

    DUE = (State.WAITING, State.FAILED)
    kind = models.CharField(_("kind"), max_length=100)
    arguments = models.JSONField(_("arguments"), default=dict)
    key = models.CharField(  # noqa: DJ001  (unique where there is one)
        max_length=200, null=True, unique=True, help_text="One row per effect, for ever."
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name=_("asked by"),
    )
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), null=True)
    result = models.JSONField(_("result"), null=True)
    error = models.TextField(_("error"), blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    max_tries = models.PositiveSmallIntegerField(default=5)
    cancel_asked = models.BooleanField(default=False)
    run_after = models.DateTimeField(_("not before"))
    lease_until = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    set_aside_at = models.DateTimeField(null=True, help_text="When somebody saw that it was given up, and left it so.")

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed", "dead", "cancelled"]),
                name="job_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="job_running_has_lease"
            ),
        ]
        indexes = [
            models.Index(fields=["run_after", "id"], condition=Q(state__in=["waiting", "failed"]), name="job_due_idx"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_lease_idx"),
            models.Index(fields=["asked_by", "-id"], name="job_asked_by_idx"),
            models.Index(fields=["kind", "-id"], name="job_kind_idx"),
            models.Index(
                fields=["kind", "-id"], name="job_given_up_idx", condition=Q(state="dead", set_aside_at__isnull=True)
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def is_over(self):
        return self.state in {Job.State.DONE, Job.State.DEAD, Job.State.CANCELLED}

    @property
    def share_done(self):
        """How much is done, 0 to 100; None where that is not known."""
        return min(100, 100 * self.done // self.total) if self.total else None

    def left(self, now):
        """Return how long it will still take, if it goes on as it did; None where that is not known."""
        if self.state != Job.State.RUNNING or not (self.total and self.done and self.started_at):
            return None
        return (now - self.started_at) * max(self.total - self.done, 0) / self.done
