"""Saved views: what a list is narrowed by, its columns and its order under a name, for oneself or for others."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Max, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MOST = 40  # of one user over one list
KEPT_DAYS = 30  # removed ones, until they cannot be brought back
OF_A_PAGE = frozenset({"view", "after", "filters", "form"})
"""Parameters of a list's address that say nothing of what it shows."""
APART = frozenset({"rule", "columns", "sort"})
"""Those that are kept, but not among the filters."""
LONGEST_KEY = 60


class SavedViewQuerySet(models.QuerySet):
    def there(self):
        """Those that are not removed."""
        return self.filter(removed_at=None)

    def of_list(self, kind):
        return self.filter(kind=kind)

    def seen_by(self, user):
        """One's own, and what others have shared with everybody or with a team this user is in."""
        path = user.team.path if user.team_id else []
        Shared = SavedView.Shared
        return self.there().filter(Q(owner=user) | Q(shared=Shared.ALL) | Q(shared=Shared.TEAM, team__in=path))


class SavedView(models.Model):
    """A view of a list. What it asks is kept by the names of filters, columns and fields, and looked up anew each time
    it is opened: by whoever opens it, with their rights."""

    class Shared(models.TextChoices):
        NOBODY = "", _("Only me")
        TEAM = "team", _("My team")
        ALL = "all", _("Everybody")

    kind = models.CharField(max_length=60, editable=False)
    name = models.CharField(_("name"), max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", editable=False)
    shared = models.CharField(_("for"), max_length=4, choices=Shared, default=Shared.NOBODY, blank=True)
    team = models.ForeignKey("crm.Team", models.SET_NULL, null=True, editable=False, related_name="+")
    filters = models.JSONField(default=dict, editable=False, help_text="{filter: [values]}, as in the address.")
    rule = models.JSONField(null=True, editable=False, help_text="See crm.conditions.language.")
    columns = ArrayField(models.CharField(max_length=LONGEST_KEY), default=list, editable=False)
    sort = models.CharField(max_length=LONGEST_KEY, blank=True, editable=False)
    position = models.PositiveIntegerField(default=0, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("saved view"), _("saved views")
        constraints = [
            models.CheckConstraint(condition=Q(shared__in=["", "team", "all"]), name="saved_view_shared_known"),
        ]
        indexes = [
            models.Index(fields=["kind", "owner"], name="saved_view_own", condition=Q(removed_at__isnull=True)),
            models.Index(
                fields=["kind", "shared", "team"],
                name="saved_view_shared",
                condition=Q(removed_at__isnull=True) & ~Q(shared=""),
            ),
        ]

    def __str__(self):
        return self.name

    def take(self, params, rule):
        """Take over what a list's address says. `rule`: the JSON of its conditions, or None."""
        self.filters = {key: values for key, values in params.lists() if key not in OF_A_PAGE | APART}
        self.rule = rule
        self.columns = [key[:LONGEST_KEY] for given in params.getlist("columns") for key in given.split(",")][:40]
        self.sort = params.get("sort", "")[:LONGEST_KEY]

    def params(self, rule):
        """Return the parameters of a list that shows it. `rule`: its conditions as an address carries them, or ""."""
        found = QueryDict(mutable=True)
        for key, values in self.filters.items():
            found.setlist(key, values)
        for key, value in (("rule", rule), ("sort", self.sort), ("columns", ",".join(self.columns))):
            if value:
                found[key] = value
        return found

    def save(self, *args, **kwargs):
        """A new one comes last; shared with the team means the owner's, as it is now."""
        self.team = self.owner.team if self.shared == self.Shared.TEAM else None
        if self._state.adding and not self.position:
            last = SavedView.objects.filter(kind=self.kind, owner=self.owner).aggregate(last=Max("position"))["last"]
            self.position = (last or 0) + 1
        super().save(*args, **kwargs)

    def remove(self):
        self.removed_at = timezone.now()
        self.save()

    def restore(self):
        self.removed_at = None
        self.save()

    @classmethod
    def clear_removed(cls):
        """Delete those that were removed long ago. Return how many."""
        return cls.objects.filter(removed_at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()[0]
