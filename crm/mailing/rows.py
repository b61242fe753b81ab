"""The outbox: a row for each mail, its attachments and what became of it; who gets no mail; how fast a provider is."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgtrigger import Delete, Protect, Update

from crm.policies import ADMINISTRATION

DEFAULT = "default"


class Purpose(models.TextChoices):
    """What a mail is for: also its turn, and whether those who want no advertising get it all the same."""

    TRANSACTIONAL = "transactional", _("Transactional")
    NOTIFICATION = "notification", _("Notification")
    MARKETING = "marketing", _("Marketing")


URGENCY = {Purpose.TRANSACTIONAL: 0, Purpose.NOTIFICATION: 1, Purpose.MARKETING: 2}


class OutgoingMailQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Who administers sees that every mail exists, everybody else those they sent; what it says: `may_read`."""
        return self.all() if user.access.may(ADMINISTRATION, "view") else self.filter(by=user)

    def open_question(self):
        """Those of which nobody knows whether they arrived, or that were refused, and that nobody has looked at."""
        return self.filter(state__in=OutgoingMail.ASKS, set_aside_at=None)


class OutgoingMail(models.Model):
    """One mail to one recipient. Written with the fact that asks for it, marked before it is handed over.

    waiting → sending (committed just before the mail server gets it) → sent, or refused, or waiting again, or in doubt
    when nobody can know whether the server took it. Nothing in doubt is sent again by itself.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        IN_DOUBT = "in_doubt", _("In doubt")
        REFUSED = "refused", _("Refused")
        BOUNCED = "bounced", _("Bounced")

    ASKS = (State.IN_DOUBT, State.REFUSED)

    message_id = models.CharField(max_length=200, unique=True, editable=False)
    key = models.CharField(  # noqa: DJ001  (unique where there is one)
        max_length=200, null=True, unique=True, help_text="One mail per effect, for ever."
    )
    batch = models.UUIDField(null=True, help_text="Shared by the mails of one sending to several.")
    purpose = models.CharField(_("purpose"), max_length=13, choices=Purpose, default=Purpose.TRANSACTIONAL)
    urgency = models.PositiveSmallIntegerField(default=0, help_text="Its turn: the lowest first.")
    provider = models.CharField(_("provider"), max_length=40, default=DEFAULT)

    sender = models.CharField(_("from"), max_length=400)
    reply_to = models.CharField(_("reply to"), max_length=400, blank=True)
    to = models.CharField(_("to"), max_length=400)
    to_key = models.CharField(max_length=320, editable=False, help_text="The bare address in its standard form.")
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    composer = models.CharField(
        max_length=60, blank=True, help_text="What writes it as it goes out, where it says what nobody may read."
    )
    arguments = models.JSONField(default=dict)

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("sent by")
    )
    about_kind = models.CharField(max_length=60, blank=True)
    about_id = models.BigIntegerField(null=True)

    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=20, blank=True, help_text="Why it was refused, in one word of ours.")
    answer = models.TextField(_("answer"), blank=True, help_text="What the server said last.")
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    run_after = models.DateTimeField(_("not before"), default=timezone.now)
    until = models.DateTimeField(_("worth sending until"), null=True)
    claimed_by = models.CharField(max_length=100, blank=True)
    turn = models.BigIntegerField(null=True, help_text="Its place in the order in which its provider got mails.")
    sending_at = models.DateTimeField(_("handed over"), null=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    provider_id = models.CharField(max_length=200, blank=True, help_text="What the provider calls it.")
    looked_at = models.DateTimeField(null=True, help_text="When it was last looked for, in doubt.")
    set_aside_at = models.DateTimeField(null=True, help_text="When somebody saw what became of it, and left it so.")

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "in_doubt", "refused", "bounced"]),
                name="outgoing_mail_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(sending_at__isnull=False), name="outgoing_mail_sending_since"
            ),
            models.CheckConstraint(
                condition=Q(composer="") | Q(text="", html=""), name="outgoing_mail_composed_is_not_kept"
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider", "urgency", "run_after", "id"], name="mail_due_idx", condition=Q(state="waiting")
            ),
            models.Index(fields=["sending_at"], name="mail_sending_idx", condition=Q(state="sending")),
            models.Index(fields=["provider", "turn"], name="mail_turn_idx", condition=Q(turn__isnull=False)),
            models.Index(fields=["state", "-id"], name="mail_state_idx"),
            models.Index(
                fields=["state"],
                name="mail_asks_idx",
                condition=Q(state__in=["in_doubt", "refused"], set_aside_at__isnull=True),
            ),
            models.Index(fields=["by", "-id"], name="mail_by_idx"),
            models.Index(fields=["to_key", "-id"], name="mail_to_idx"),
            models.Index(fields=["about_kind", "about_id", "-id"], name="mail_about_idx"),
            models.Index(fields=["batch"], name="mail_batch_idx", condition=Q(batch__isnull=False)),
            models.Index(fields=["provider_id"], name="mail_provider_id_idx", condition=~Q(provider_id="")),
        ]

    def __str__(self):
        return f"{self.to} {self.message_id}"

    def may_read(self, user):
        """Whether this user may read subject and text: whoever sent it; of what the site says by itself, those too who
        see it, unless it is a notification (it may tell of what is private)."""
        return self.by_id == user.pk if self.by_id else self.purpose == Purpose.TRANSACTIONAL

    @property
    def asks(self):
        """Whether somebody has to look at it."""
        return self.state in self.ASKS and self.set_aside_at is None


class MailFile(models.Model):
    """The bytes of an attachment, once for all mails that carry it. Its key is their SHA-256."""

    digest = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()

    def __str__(self):
        return self.digest


class MailAttachment(models.Model):
    """A file a mail carries, under a name and a type."""

    mail = models.ForeignKey(OutgoingMail, models.CASCADE, related_name="attachments")
    file = models.ForeignKey(MailFile, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    inline = models.CharField(max_length=60, blank=True, help_text="The Content-ID that its HTML names it by.")

    def __str__(self):
        return self.name


class MailNote(models.Model):
    """One thing that happened to a mail: append-only."""

    mail = models.ForeignKey(OutgoingMail, models.CASCADE, related_name="notes")
    at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=8, choices=OutgoingMail.State)
    text = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        triggers = [Protect(name="mail_note_stays", operation=Update)]

    def __str__(self):
        return f"{self.state} {self.text}"


class SuppressionQuerySet(models.QuerySet):
    def in_force(self):
        """Those that hold now."""
        return self.filter(release=None)

    def lifted(self):
        """Those that a Release ended."""
        return self.filter(release__isnull=False)

    def liftable(self):
        """Those that an administrator may end: who unsubscribed is let back in by themselves alone."""
        return self.exclude(reason=Suppression.Reason.UNSUBSCRIBED)

    def of_beginning(self, words):
        """Those of addresses that begin so, in lower case."""
        return self.filter(address_key__startswith=words)


class Suppression(models.Model):
    """An address that gets no mail, or no advertising, since when and why. Append-only evidence; a Release ends it."""

    class Scope(models.TextChoices):
        EVERYTHING = "everything", _("Every mail")
        MARKETING = "marketing", _("Advertising")

    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard_bounce", _("The address does not exist")
        COMPLAINT = "complaint", _("Reported as unwanted")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BY_HAND = "by_hand", _("Entered by hand")

    address_key = models.CharField(_("address"), max_length=320)
    scope = models.CharField(_("what it gets no more"), max_length=10, choices=Scope)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    source = models.TextField(_("source"), help_text="Where we know it from, word for word.")
    at = models.DateTimeField(_("since"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=["everything", "marketing"]), name="suppression_scope_known"),
        ]
        indexes = [  # for the whole address, and for its beginning
            models.Index(fields=["address_key"], name="suppression_address_like", opclasses=["varchar_pattern_ops"])
        ]
        triggers = [Protect(name="suppression_stays", operation=Delete | Update)]

    def __str__(self):
        return f"{self.address_key} {self.scope}"


class Release(models.Model):
    """The end of a suppression: evidence, too."""

    suppression = models.OneToOneField(Suppression, models.PROTECT, related_name="release")
    source = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        triggers = [Protect(name="release_stays", operation=Delete | Update)]

    def __str__(self):
        return str(self.suppression_id)


class MailProvider(models.Model):
    """What is known of a way out: how many mails it got, and whether it answers. Locked for the moment of a claim."""

    key = models.CharField(max_length=40, primary_key=True)
    turn = models.BigIntegerField(default=0, help_text="Mails handed over so far; each mail keeps its number.")
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    paused_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    def __str__(self):
        return self.key


class MailTemplateQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and those shared with everybody."""
        return self.filter(Q(user=user) | Q(is_shared=True))

    def editable_by(self, user):
        """One's own; for who administers, also those shared."""
        own = Q(user=user)
        return self.filter(own | Q(is_shared=True) if user.access.may(ADMINISTRATION, "view") else own)


class MailTemplate(models.Model):
    """Words a user writes once and sends often. Its tokens are replaced from a fixed dictionary, nothing else is."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=100)
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"), max_length=20000)
    is_shared = models.BooleanField(_("for everybody"), default=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = MailTemplateQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="mail_template_name_unique")]
        indexes = [models.Index(fields=["name", "id"], name="mail_template_name_idx")]

    def __str__(self):
        return self.name


def new_message_id(domain):
    """Return a Message-ID that no other mail has."""
    return f"<{uuid.uuid4().hex}@{domain}>"
