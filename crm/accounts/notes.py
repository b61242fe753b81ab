"""What happened to the ways somebody signs in: kept as evidence, written with the fact."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SignInNote(models.Model):
    """One change of how a user signs in: what, when, from where, by whom (None: the system). Never changed."""

    class What(models.TextChoices):
        APP_ADDED = "app_added", _("Authenticator app set up")
        APP_REMOVED = "app_removed", _("Authenticator app removed")
        PASSKEY_ADDED = "passkey_added", _("Passkey added")
        PASSKEY_REMOVED = "passkey_removed", _("Passkey removed")
        CODES_MADE = "codes_made", _("New recovery codes made")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        STEP_RESET = "step_reset", _("Two-step sign-in reset")
        PROVIDER_LINKED = "provider_linked", _("Linked to the firm's sign-in")
        PROVIDER_UNLINKED = "provider_unlinked", _("Unlinked from the firm's sign-in")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sign_in_notes")
    what = models.CharField(max_length=20, choices=What)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-at"], name="signinnote_user_at_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    what__in=[
                        "app_added",
                        "app_removed",
                        "passkey_added",
                        "passkey_removed",
                        "codes_made",
                        "password_changed",
                        "step_reset",
                        "provider_linked",
                        "provider_unlinked",
                    ]
                ),
                name="signinnote_what_known",
            )
        ]

    def __str__(self):
        return f"{self.user_id}: {self.get_what_display()}"
