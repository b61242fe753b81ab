"""Users, teams, roles and what a role may do; the rows every app leans on."""

from __future__ import annotations

from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import standards
from crm.access import ACTIONS, HIDDEN, READ_ONLY, SCOPES, Access, access_of
from crm.accounts.notes import SignInNote  # noqa: F401
from crm.cache import CacheRow  # noqa: F401
from crm.demo_labels import DemoLabel  # noqa: F401
from crm.duplicates.rows import BuiltKeys, MatchCount, MatchKey, Suggestion  # noqa: F401
from crm.events.rows import Event, Held, Listener  # noqa: F401
from crm.firm import Firm, Logo  # noqa: F401
from crm.history import tracked
from crm.importing.rows import ExternalId, Import, ImportFilePart, ImportRow, RememberedMapping  # noqa: F401
from crm.jobs.files import JobFilePart  # noqa: F401
from crm.jobs.rows import Job  # noqa: F401  (its table belongs to this app)
from crm.mailing import rows as mail_rows  # noqa: F401  (so do the tables of the outbox)
from crm.notifications.rows import Habit, Notification, Setting  # noqa: F401
from crm.once import Submission  # noqa: F401
from crm.receiving.rows import Mailbox, RawMail, ReceivedMail  # noqa: F401
from crm.saved_views import SavedView  # noqa: F401
from crm.search_words import SearchWord  # noqa: F401
from crm.undo.journal import journaled
from crm.undo.rows import Act, UndoEntry  # noqa: F401


@tracked(exclude=["path"])
class Team(models.Model):
    """A group of users. Teams nest: who sees a team's records sees those of the teams below it."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = ArrayField(
        models.IntegerField(), default=list, editable=False, help_text="Ids from the root down to itself."
    )

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="team_name_unique")]
        indexes = [GinIndex(fields=["path"], name="team_path_idx")]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Keep `path`; a team moved takes the teams below it along. A loop raises ValueError."""
        if self.pk and self.parent and self.pk in self.parent.path:
            raise ValueError("A team cannot stand below itself.")
        super().save(*args, **kwargs)
        path = [*(self.parent.path if self.parent else []), self.pk]
        if path != self.path:
            self.path = path
            Team.objects.filter(pk=self.pk).update(path=path)
            for child in self.children.all():
                child.save()


@tracked()
class Role(models.Model):
    """What a user is in the firm; its grants say what they may do."""

    key = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=60)
    mfa_required = models.BooleanField(default=False)

    def __str__(self):
        return self.name


@tracked()
class Grant(models.Model):
    """One role may do one action on the records of one kind within one scope; no row means none."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="grants")
    kind = models.CharField(max_length=60)
    action = models.CharField(max_length=20, choices=[(action, action) for action in ACTIONS])
    scope = models.CharField(max_length=10, choices=[(scope, scope) for scope in SCOPES])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "kind", "action"], name="grant_unique"),
            models.CheckConstraint(condition=Q(scope__in=SCOPES), name="grant_scope_known"),
            models.CheckConstraint(condition=Q(action__in=ACTIONS), name="grant_action_known"),
        ]

    def __str__(self):
        return f"{self.role_id}: {self.action} {self.kind} ({self.scope})"


@tracked()
class FieldRight(models.Model):
    """A field of a kind of record that one role may not know, or may not set; no row means it may do both."""

    class Right(models.TextChoices):
        HIDDEN = HIDDEN, _("Hidden")
        READ_ONLY = READ_ONLY, _("Read-only")

    role = models.ForeignKey(Role, models.CASCADE, related_name="field_rights")
    kind = models.CharField(max_length=60)
    field = models.CharField(max_length=60)
    right = models.CharField(max_length=10, choices=Right)

    class Meta:
        verbose_name, verbose_name_plural = _("right on a field"), _("rights on fields")
        constraints = [
            models.UniqueConstraint(fields=["role", "kind", "field"], name="field_right_unique"),
            models.CheckConstraint(condition=Q(right__in=[HIDDEN, READ_ONLY]), name="field_right_known"),
        ]

    def __str__(self):
        return f"{self.role_id}: {self.kind}.{self.field} {self.right}"


@journaled()
@tracked(indexes=[models.Index(fields=["kind", "record_id"], name="share_event_record")])
class Share(models.Model):
    """A record opened to one user or one team beside those its owner and team open it to, perhaps for a time.

    Whoever has it may see the record, and change it if `may_edit`, as far as their role may see and change any record
    of that kind. A share with a team is for the users of that team and of the teams below it.
    """

    kind = models.CharField(max_length=60, editable=False)
    record_id = models.BigIntegerField(editable=False)
    user = models.ForeignKey(
        "crm.User", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("colleague")
    )
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("team"))
    may_edit = models.BooleanField(_("may change it"), default=False)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    shared_by = models.ForeignKey("crm.User", models.PROTECT, related_name="+", editable=False)
    shared_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("share"), _("shares")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, team__isnull=True) | Q(user__isnull=True, team__isnull=False),
                name="share_with_one",
            ),
            models.UniqueConstraint(
                fields=["kind", "record_id", "user", "team"], name="share_once", nulls_distinct=False
            ),
        ]
        indexes = [models.Index(fields=["until"], name="share_until", condition=Q(until__isnull=False))]

    def __str__(self):
        return str(self.user or self.team)


class UserManager(BaseUserManager):
    def open_to(self, reader, area):
        """Return the users whose pages of an area are open to a reader; to the system (None) all are."""
        return self.all() if reader is None else self.filter(access_of(reader).users(area))

    def create_user(self, email, password=None, **fields):
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user

    def get_by_natural_key(self, email):
        return self.get(email=email.strip().lower())


@tracked(exclude=["password", "theme", "last_login", "created_at"])
class User(AbstractBaseUser):
    """Somebody who signs in. Not a Record: colleagues' names are known to all colleagues."""

    class Theme(models.TextChoices):
        SYSTEM = "", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    id = models.AutoField(primary_key=True)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    given_name = models.CharField(_("given name"), max_length=80, blank=True)
    family_name = models.CharField(_("family name"), max_length=80, blank=True)
    role = models.ForeignKey(Role, models.PROTECT, related_name="users")
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="users")
    is_active = models.BooleanField(_("active"), default=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=10, default="en", db_default="en")
    invited_at = models.DateTimeField(null=True, editable=False, help_text="Until the invitation is accepted.")
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.SYSTEM, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case"),
            models.CheckConstraint(condition=Q(invited_at=None) | Q(is_active=False), name="user_invited_is_inactive"),
        ]

    def __str__(self):
        return self.get_full_name()

    def clean(self):
        super().clean()
        self.email = (self.email or "").strip().lower()
        if standards.time_zone(self.timezone) is None:
            raise ValidationError({"timezone": _("There is no such time zone.")})

    def get_full_name(self):
        return f"{self.given_name} {self.family_name}".strip() or self.email

    @property
    def short_name(self):
        """Return "Ingrid S." for lists."""
        return (
            f"{self.given_name} {self.family_name[:1]}.".strip() if self.given_name and self.family_name else str(self)
        )

    @property
    def initials(self):
        return standards.initials(self.get_full_name())

    @cached_property
    def access(self) -> Access:
        """What this user may do: their grants and the teams they see, read once a request."""
        return Access.of(self)


class Tag(models.Model):
    """The vocabulary of tags; a record keeps its tags by name, so a page needs no join for them."""

    name = models.CharField(_("name"), max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_name_unique")]

    def __str__(self):
        return self.name
