"""The rows of notifications, and how each user likes to hear of what."""

from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.notifications.kinds import AT_ONCE, DIGEST, NEVER


class Notification(models.Model):
    """Something a user is told once. What it is about is fetched through the door when it is shown.

    `key`: one row per user and effect, for ever. `count`: how many such things it stands for; it names the last.
    `mail_after`: when it is mailed unless it was read before; None: not at all.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=100)
    key = models.CharField(max_length=200, null=True)  # noqa: DJ001  (unique where there is one)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    record_kind = models.CharField(max_length=100, blank=True)
    record_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    at = models.DateTimeField()
    on_bell = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    mail_after = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notification_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_of_user", condition=Q(on_bell=True)),
            models.Index(
                fields=["user", "-id"], name="notification_unread", condition=Q(read_at__isnull=True, on_bell=True)
            ),
            models.Index(
                fields=["mail_after"],
                name="notification_to_mail",
                condition=Q(mail_after__isnull=False, mailed_at__isnull=True, read_at__isnull=True),
            ),
            models.Index(fields=["at"], name="notification_by_time"),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"


class Setting(models.Model):
    """How a user hears of one kind, where they have chosen."""

    class Mail(models.TextChoices):
        NEVER = NEVER, _("No mail")
        AT_ONCE = AT_ONCE, _("Mail at once")
        DIGEST = DIGEST, _("In the digest")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=100)
    bell = models.BooleanField(default=True)
    mail = models.CharField(max_length=8, choices=Mail)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notification_setting_once")]

    def __str__(self):
        return f"{self.user_id} {self.kind}"


class Habit(models.Model):
    """When a user wants no mail, and at which time of their day the digest comes. From later than to: over midnight."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet to"), null=True, blank=True)
    digest_at = models.TimeField(_("digest at"), default=time(8, 0))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="notification_quiet_whole",
            )
        ]

    def __str__(self):
        return str(self.user_id)

    def is_quiet(self, at):
        """Whether a time of day lies in the quiet hours. They begin at their first minute and end before their last."""
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return False
        if self.quiet_from < self.quiet_to:
            return self.quiet_from <= at < self.quiet_to
        return at >= self.quiet_from or at < self.quiet_to
