"""What came in: each mail raw once, what it says, where it was delivered, and the mailboxes it is fetched from.

The raw mail is kept in the database, not as a file: it is there if and only if its row is, in one transaction, for
every process on every machine, and is in every backup. It stands in a row of its own, which no list ever reads.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.history import tracked
from crm.mime.attachments import DANGEROUS, MISMATCH, OK
from crm.policies import ADMINISTRATION
from crm.receiving import readers
from crm.receiving.reasons import REASONS

USER = settings.AUTH_USER_MODEL


POLLED = ("uid_validity", "last_uid", "marked_uid", "fetched", "error", "failures")
POLLED += ("polled_at", "poll_after", "lease_until", "lease_by")
"""What a mailbox tells of its fetching: nobody's decision, and so no part of its history."""


def new_key():
    """Return a name for a file's address that nobody can guess."""
    return secrets.token_urlsafe(16)


class Mailboxes(models.Manager):
    """The mailboxes there are; `Mailbox.every` has the removed ones, too, by which mails came once."""

    def get_queryset(self):
        return super().get_queryset().filter(removed_at=None)


@tracked(exclude=[*POLLED, "password_sealed", "created_at"])
class Mailbox(models.Model):
    """An address whose mail we take in: fetched by IMAP, or sent straight to our receiver."""

    class Way(models.TextChoices):
        IMAP = "imap", _("Fetched by IMAP")
        DIRECT = "direct", _("Sent straight to us")

    class Security(models.TextChoices):
        TLS = "tls", _("TLS")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("None")

    class After(models.TextChoices):
        LEAVE = "leave", _("Leave it as it is")
        SEEN = "seen", _("Mark it as read")
        MOVE = "move", _("Move it to another folder")

    address = models.CharField(_("address"), max_length=254)
    way = models.CharField(_("how it comes"), max_length=6, choices=Way, default=Way.IMAP)
    owner = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("whose it is"))
    team = models.ForeignKey("crm.Team", models.SET_NULL, null=True, blank=True, related_name="+")
    is_shared = models.BooleanField(_("share what comes in"), default=False)
    host = models.CharField(_("server"), max_length=253, blank=True)
    port = models.PositiveIntegerField(_("port"), default=993)
    security = models.CharField(_("encryption"), max_length=8, choices=Security, default=Security.TLS)
    username = models.CharField(_("user name"), max_length=254, blank=True)
    password_sealed = models.TextField(blank=True, editable=False)
    folder = models.CharField(_("folder"), max_length=200, default="INBOX", blank=True)
    after = models.CharField(_("what was fetched"), max_length=6, choices=After, default=After.LEAVE)
    move_to = models.CharField(_("move it to"), max_length=200, blank=True)
    from_start = models.BooleanField(_("fetch what is there already"), default=False)
    is_paused = models.BooleanField(_("paused"), default=False)
    uid_validity = models.BigIntegerField(null=True, editable=False)
    last_uid = models.BigIntegerField(default=0, editable=False, help_text="The last that is stored.")
    marked_uid = models.BigIntegerField(default=0, editable=False, help_text="The last that is marked or moved.")
    fetched = models.PositiveIntegerField(default=0, editable=False)
    error = models.TextField(blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    polled_at = models.DateTimeField(null=True, editable=False)
    poll_after = models.DateTimeField(default=timezone.now, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    lease_by = models.CharField(max_length=32, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = Mailboxes()
    every = models.Manager()

    class Meta:
        base_manager_name = "every"
        verbose_name, verbose_name_plural = _("mailbox"), _("mailboxes")
        constraints = [
            models.UniqueConstraint(
                fields=["address", "way", "folder"],
                condition=Q(removed_at=None),
                name="mailbox_once",
                violation_error_message=_("This folder of this address is fetched already."),
            ),
            models.CheckConstraint(condition=Q(way__in=["imap", "direct"]), name="mailbox_way_known"),
            models.CheckConstraint(condition=Q(port__range=(1, 65535)), name="mailbox_port_known"),
        ]

    def __str__(self):
        return self.address

    def remove(self):
        """Take in nothing more and forget the password; mails that came by it stay with those who may read them."""
        self.removed_at, self.password_sealed, self.lease_until, self.lease_by = timezone.now(), "", None, ""
        self.save(update_fields=["removed_at", "password_sealed", "lease_until", "lease_by"])


class RawMail(models.Model):
    """A mail byte for byte. `digest` is the same for the same mail, whichever way it came; `size` is its own."""

    digest = models.CharField(max_length=64, unique=True)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(help_text="Empty once it was deleted; the beginning alone of one that is too big.")
    size = models.BigIntegerField()

    def __str__(self):
        return self.digest[:12]


class MailThread(models.Model):
    """Mails that answer one another. With an owner, answers to its signed address are theirs."""

    owner = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=60, blank=True, help_text="Of the record it is about.")
    record_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "record_id"],
                name="mail_thread_about_once",
                condition=Q(record_id__isnull=False),
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.record_id or self.pk}"


class ThreadMessage(models.Model):
    """A Message-ID that belongs to a thread: of a mail that came, that we sent, or that others refer to."""

    message_id = models.CharField(max_length=500, unique=True)
    thread = models.ForeignKey(MailThread, models.CASCADE, related_name="messages")
    is_ours = models.BooleanField(default=False)

    def __str__(self):
        return self.message_id


class ReceivedMailQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Return the mails a user may read: delivered to them or their team, or opened by what an app registers."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(Q(Exists(_deliveries().for_reader(user))) | readers.condition(user))

    def addressed_to(self, user):
        """Return those that were delivered to a user or their team."""
        return self.filter(Exists(_deliveries().for_reader(user)))

    def quarantined(self):
        return self.filter(state=ReceivedMail.State.QUARANTINED)

    def unclaimed(self):
        """Return those read and tried that nobody was found for."""
        return self.filter(state=ReceivedMail.State.PARSED)


class ReceivedMail(models.Model):
    """A mail that came in and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        PARSED = "parsed", _("Nobody found")
        HANDLED = "handled", _("Done")
        QUARANTINED = "quarantined", _("Set aside")
        DELETED = "deleted", _("Deleted")

    raw = models.OneToOneField(RawMail, models.PROTECT, related_name="mail")
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=30, blank=True)
    is_released = models.BooleanField(default=False, help_text="Somebody looked at it and let it pass.")
    tries = models.PositiveSmallIntegerField(default=0)
    message_id = models.CharField(max_length=500, blank=True)
    repeats_id = models.BooleanField(default=False, help_text="Another mail came before with the same Message-ID.")
    sender_name = models.CharField(max_length=200, blank=True)
    sender_address = models.CharField(max_length=254, blank=True)
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    recipients = models.PositiveIntegerField(default=0)
    subject = models.CharField(max_length=500, blank=True)
    date = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    reply = models.TextField(blank=True, help_text="The text without what it quotes.")
    html = models.TextField(blank=True, help_text="Sanitised; sanitised again whenever it is shown.")
    is_cut = models.BooleanField(default=False)
    is_automatic = models.BooleanField(default=False, help_text="A machine wrote it: nothing answers it.")
    calendar = models.CharField(max_length=20, blank=True)
    bounce = models.JSONField(null=True)
    thread = models.ForeignKey(MailThread, models.SET_NULL, null=True, related_name="mails")
    handled_by = models.CharField(max_length=60, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    parsed_at = models.DateTimeField(null=True)

    objects = ReceivedMailQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("received mail"), _("received mails")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "parsed", "handled", "quarantined", "deleted"]),
                name="received_mail_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="quarantined") | ~Q(reason=""), name="received_mail_quarantine_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="received_mail_state"),
            models.Index(fields=["message_id"], name="received_mail_message_id", condition=~Q(message_id="")),
            models.Index(fields=["sender_address", "received_at"], name="received_mail_sender"),
        ]

    def __str__(self):
        return self.subject or str(_("No subject"))

    @property
    def sender(self):
        return self.sender_name or self.sender_address

    @property
    def is_readable(self):
        """Whether its HTML and its files may be shown."""
        return self.state in (self.State.PARSED, self.State.HANDLED)

    @property
    def reason_text(self):
        return REASONS.get(self.reason, self.reason)


class ReceivedFile(models.Model):
    """A file of a mail. `start`, `end`: where it stands in the raw mail, in its transfer `encoding`."""

    VERDICTS = {
        OK: "",
        MISMATCH: _("Its content is of another kind than it says."),
        DANGEROUS: _("Programs are not given out."),
    }

    mail = models.ForeignKey(ReceivedMail, models.CASCADE, related_name="attachments")
    key = models.CharField(max_length=32, unique=True, default=new_key)
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=150)
    declared = models.CharField(max_length=150)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    verdict = models.CharField(max_length=10)
    content_id = models.CharField(max_length=250, blank=True)
    is_inline = models.BooleanField(default=False)
    start = models.BigIntegerField()
    end = models.BigIntegerField()
    encoding = models.CharField(max_length=20, blank=True)

    def __str__(self):
        return self.name

    @property
    def warning(self):
        return self.VERDICTS.get(self.verdict, "")

    @property
    def is_given_out(self):
        return self.verdict != DANGEROUS


class DropBox(models.Model):
    """A user's own address for mails they send elsewhere. A new number ends the address it had."""

    user = models.OneToOneField(USER, models.CASCADE, related_name="drop_box")
    number = models.PositiveIntegerField(default=1)

    def __str__(self):
        return f"{self.user_id}/{self.number}"


class DeliveryQuerySet(models.QuerySet):
    def for_reader(self, user):
        """Return what was delivered to a user: their mailbox, drop box or thread, a mailbox of a team they see; to
        administrators also what was nobody's."""
        mine = Q(mailbox__owner=user.pk) | Q(user=user.pk) | Q(thread__owner=user.pk)
        if user.access.may(ADMINISTRATION, "view"):
            mine |= Q(mailbox=None, user=None, thread=None)
        return self.filter(mine | Q(mailbox__team__in=user.access.team_ids))


class Delivery(models.Model):
    """One place a mail was delivered to: a mailbox, a user's drop box, the signed address of a thread, or none."""

    class Way(models.TextChoices):
        SMTP = "smtp", "SMTP"
        IMAP = "imap", "IMAP"
        WEBHOOK = "webhook", "Webhook"

    mail = models.ForeignKey(ReceivedMail, models.CASCADE, related_name="deliveries")
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, null=True, related_name="deliveries")
    user = models.ForeignKey(USER, models.CASCADE, null=True, related_name="+")
    thread = models.ForeignKey(MailThread, models.CASCADE, null=True, related_name="+")
    is_forged = models.BooleanField(default=False, help_text="To a signed address that we did not sign.")
    came_by = models.CharField(max_length=8, choices=Way)
    envelope_from = models.CharField(max_length=320, blank=True)
    envelope_to = ArrayField(models.CharField(max_length=320), default=list)
    at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True)
    handled_by = models.CharField(max_length=60, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mail", "mailbox", "user", "thread", "is_forged"], name="delivery_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(came_by__in=["smtp", "imap", "webhook"]), name="delivery_way_known"),
        ]

    def __str__(self):
        return f"{self.mail_id} by {self.came_by}"

    @property
    def reader(self):
        """The user on whose behalf it is handled, None if it is nobody's."""
        holder = self.mailbox or self.thread
        return self.user or (holder.owner if holder else None)

    @property
    def is_shared(self):
        """Whether what it says is for everybody who sees whom it is about."""
        return bool(self.mailbox and self.mailbox.is_shared)


def _deliveries():
    return Delivery.objects.filter(mail=OuterRef("pk"))
