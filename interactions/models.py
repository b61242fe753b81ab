"""What happened with people and companies, and what is to be done next."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from crm import standards
from crm.addresses import record_url
from crm.door import PartManager, PartQuerySet, RecordManager, RecordQuerySet
from crm.history import tracked
from crm.merging.references import follows_merges
from crm.records import LIVE, Part, Record, version_trigger
from crm.undo import journaled

CALL_ICONS = {"out": "telephone-outbound", "in": "telephone-inbound", "": "telephone"}
MAIL_ICONS = {"out": "envelope-arrow-up", "in": "envelope-arrow-down", "": "envelope"}
KIND_ICONS = {
    "call": "telephone",
    "email": "envelope",
    "meeting": "camera-video",
    "visit": "geo-alt",
    "note": "journal-text",
    "feedback": "chat-square-text",
    "request": "newspaper",
}
TASK_ICONS = {**KIND_ICONS, "todo": "check2-square"}
SENT = {"call": _("called"), "email": _("sent"), "meeting": _("met"), "visit": _("visited"), "note": _("noted")}
RECEIVED = {
    "call": _("was called"),
    "email": _("got mail"),
    "visit": _("was visited"),
    "feedback": _("got feedback"),
    "request": _("was asked for the newsletter"),
}
MORNING = time(9)
UNTRACKED = ("version", "updated_at", "updated_by", "created_at", "created_by", "typed")


class InteractionQuerySet(RecordQuerySet):
    def contacts(self):
        """Only those in which somebody was reached: what counts as "last contacted"."""
        return self.exclude(kind__in=Interaction.NO_CONTACT).exclude(outcome__in=Interaction.NOT_REACHED)

    def shown_to(self, reader):
        """Open for a subquery about talks on records opened for a reader: the live ones, but others' private ones."""
        opened = self._opened(f"view by {reader.pk} with records opened for them").live()
        return opened.filter(Q(is_private=False) | Q(owner=reader.pk))


@journaled()
@tracked(exclude=UNTRACKED)
class Interaction(Record):
    """A call, a mail, a meeting or a note, with everybody who took part in it."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        EMAIL = "email", _("Mail")
        MEETING = "meeting", _("Meeting")
        VISIT = "visit", _("Visit")
        NOTE = "note", _("Note")
        FEEDBACK = "feedback", _("Feedback")
        REQUEST = "request", _("Newsletter request")

    class Direction(models.TextChoices):
        NONE = "", _("None")
        OUT = "out", _("Outgoing")
        IN = "in", _("Incoming")

    class Outcome(models.TextChoices):
        NONE = "", _("None")
        REACHED = "reached", _("Reached")
        LEFT_MESSAGE = "message", _("Left a message")
        NO_ANSWER = "no_answer", _("No answer")
        BUSY = "busy", _("Busy")
        WRONG_NUMBER = "wrong", _("Wrong number")
        HELD = "held", _("Held")
        NO_SHOW = "no_show", _("Nobody came")

    NO_CONTACT = (Kind.NOTE, Kind.REQUEST)
    FROM_THEM = (Kind.FEEDBACK, Kind.REQUEST)
    NOT_REACHED = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.WRONG_NUMBER, Outcome.NO_SHOW)

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    at = models.DateTimeField(_("when"), default=timezone.now)
    direction = models.CharField(_("direction"), max_length=3, choices=Direction, default=Direction.NONE, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.NONE, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(_("minutes"), null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("what was said"), blank=True, max_length=50000)
    is_private = models.BooleanField(_("private"), default=False, help_text=_("Only you see it."))

    objects = RecordManager.from_queryset(InteractionQuerySet)()

    class Meta:
        verbose_name, verbose_name_plural = _("interaction"), _("interactions")
        triggers = [version_trigger()]
        indexes = [
            models.Index(F("owner"), F("at").desc(), name="interaction_own_at", condition=LIVE),
            models.Index(F("trashed_at"), name="interaction_trash", condition=Q(trashed_at__isnull=False)),
        ]

    def __str__(self):
        return self.subject or self.get_kind_display()

    @property
    def icon(self):
        """The picture of its kind; a call's and a mail's also show the direction."""
        directed = {"call": CALL_ICONS, "email": MAIL_ICONS}.get(self.kind)
        return directed[self.direction] if directed else KIND_ICONS[self.kind]

    def get_outcome_display(self):  # type: ignore[no-redef]
        return self.Outcome(self.outcome).label

    @property
    def tone(self):
        return "acc" if self.direction != self.Direction.IN and self.kind != self.Kind.NOTE else ""

    @property
    def verb(self):
        """What its author did, to follow their name; some kinds come from the other side, whatever is known of it."""
        if self.direction == self.Direction.IN or self.kind in self.FROM_THEM:
            return RECEIVED.get(self.kind, _("met"))
        return SENT[self.kind]

    def standardise(self):
        if self.kind in self.FROM_THEM:
            self.direction = self.Direction.IN
        self.subject = standards.line(self.subject)
        self.body = standards.text(self.body)

    def clean(self):
        self.standard("at", standards.day)
        if not (self.subject or self.body or self.outcome):
            raise ValidationError(_("Say what it was about, or how it went."), code="required")

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        Participation.objects.of(self).exclude(at=self.at).update(at=self.at)


class ParticipationQuerySet(PartQuerySet):
    def on(self, record, reader):
        """Open for somebody who sees `record`: its part in the talks they are shown."""
        return self.of_each(record._meta.model_name, reader, record.pk).shown_to(reader)

    def of_each(self, whole, reader, pk):
        """Open for the people or companies (`whole`) whose id `pk` is: an id, or an expression of an outer query.

        The records were opened for the reader, the talks are still to be: `shown_to`.
        """
        return self._opened(f"view by {reader.pk} with records opened for them").filter(**{whole: pk})

    def shown_to(self, reader):
        """Only those in live talks, but for what others marked private."""
        shared = Q(interaction__is_private=False) | Q(interaction__owner=reader.pk)
        return self.filter(shared, interaction__trashed_at=None, interaction__merged_into=None)


@journaled()
@follows_merges("person", "company")
class Participation(Part):
    """Somebody took part in an interaction. Carries its time, so that a timeline is one index walk."""

    wholes = ("interaction",)
    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="participations", db_index=False)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="participations", db_index=False)
    company = models.ForeignKey(Company, models.CASCADE, null=True, related_name="participations", db_index=False)
    at = models.DateTimeField()

    objects = PartManager.from_queryset(ParticipationQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, company__isnull=True) | Q(person__isnull=True, company__isnull=False),
                name="participation_of_one",
            ),
            models.UniqueConstraint(
                fields=["interaction", "person", "company"], name="participation_once", nulls_distinct=False
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "-at", "-interaction"], name="participation_person", condition=Q(person__isnull=False)
            ),
            models.Index(
                fields=["company", "-at", "-interaction"],
                name="participation_company",
                condition=Q(company__isnull=False),
            ),
        ]


@journaled()
class MailLog(models.Model):
    """A mail that came in was logged as this talk: once for each owner, and once at most for everybody."""

    mail = models.ForeignKey("crm.ReceivedMail", models.CASCADE, related_name="logs")
    owner = models.ForeignKey("crm.User", models.PROTECT, related_name="+")
    interaction = models.OneToOneField(Interaction, models.CASCADE, related_name="mail_log")
    is_shared = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mail", "owner"], name="mail_log_once"),
            models.UniqueConstraint(fields=["mail"], name="mail_log_shared_once", condition=Q(is_shared=True)),
        ]

    def __str__(self):
        return f"{self.mail_id} as {self.interaction_id}"


class TaskQuerySet(RecordQuerySet):
    def open(self):
        return self.filter(done_at=None)

    def to_remind(self, now):
        """Those whose owner is to be reminded by now."""
        return self.open().live().filter(remind_at__lte=now)

    def due_by(self, day):
        return self.filter(due_on__lte=day)

    def about(self, record, reader):
        """Open for somebody who sees `record`, whom the tasks are about: all but what others marked private."""
        return self.of_each(record._meta.model_name, reader, record.pk).masked_for(reader)

    def of_each(self, whole, reader, pk):
        """The same for the people or companies (`whole`) whose id `pk` is: an id, or one of an outer query."""
        opened = self._opened(f"view by {reader.pk} with records opened for them").live()
        return opened.filter(Q(is_private=False) | Q(owner=reader.pk), **{whole: pk})


@journaled("due_at", "remind_at")
@follows_merges("person", "company")
@tracked(exclude=(*UNTRACKED, "due_at", "remind_at"))
class Task(Record):
    """Something its owner means to do, by a day and perhaps at a time of that day in the owner's zone."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        EMAIL = "email", _("Mail")
        MEETING = "meeting", _("Meeting")
        VISIT = "visit", _("Visit")
        TODO = "todo", _("To do")

    class Remind(models.IntegerChoices):
        THEN = 0, _("When it is due")
        QUARTER = 15, _("15 minutes before")
        HOUR = 60, _("An hour before")
        DAY = 24 * 60, _("A day before")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TODO)
    subject = models.CharField(_("what"), max_length=200)
    body = models.TextField(_("details"), blank=True, max_length=20000)
    due_on = models.DateField(_("day"))
    due_time = models.TimeField(_("time"), null=True, blank=True)
    due_at = models.DateTimeField(
        editable=False, help_text="Follows from day, time and the owner's zone; no time: the day's end."
    )
    remind_minutes = models.PositiveIntegerField(_("remind me"), null=True, blank=True, choices=Remind)
    remind_at = models.DateTimeField(
        null=True, editable=False, help_text="Follows from due_at; none when it is past or was done."
    )
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="tasks", db_index=False)
    company = models.ForeignKey(Company, models.CASCADE, null=True, blank=True, related_name="tasks", db_index=False)
    done_at = models.DateTimeField(_("done"), null=True, editable=False)
    done_by = models.ForeignKey("crm.User", models.PROTECT, null=True, editable=False, related_name="+", db_index=False)
    is_private = models.BooleanField(_("private"), default=False, help_text=_("Only you see it."))

    objects = RecordManager.from_queryset(TaskQuerySet)()
    undone_with = {**Record.undone_with, "done_by_id": "done_at"}

    class Meta:
        verbose_name, verbose_name_plural = _("task"), _("tasks")
        triggers = [version_trigger("due_at", "remind_at")]
        indexes = [
            models.Index(
                fields=["owner", "due_on", "due_at", "id"],
                name="task_open_own",
                condition=LIVE & Q(done_at__isnull=True),
            ),
            models.Index(
                fields=["person", "due_at", "id"], name="task_open_person", condition=LIVE & Q(done_at__isnull=True)
            ),
            models.Index(
                fields=["company", "due_at", "id"], name="task_open_company", condition=LIVE & Q(done_at__isnull=True)
            ),
            models.Index(
                F("owner"), F("done_at").desc(), name="task_done_own", condition=LIVE & Q(done_at__isnull=False)
            ),
            models.Index(
                F("person"),
                F("done_at").desc(),
                F("id").desc(),
                name="task_done_person",
                condition=Q(done_at__isnull=False),
            ),
            models.Index(
                F("company"),
                F("done_at").desc(),
                F("id").desc(),
                name="task_done_company",
                condition=Q(done_at__isnull=False),
            ),
            models.Index(
                fields=["remind_at", "id"],
                name="task_to_remind",
                condition=LIVE & Q(remind_at__isnull=False, done_at__isnull=True),
            ),
            models.Index(fields=["trashed_at"], name="task_trash", condition=Q(trashed_at__isnull=False)),
        ]

    def __str__(self):
        return self.subject

    @property
    def icon(self):
        return TASK_ICONS[self.kind]

    @property
    def edit_url(self):
        return record_url("interactions:task_edit", self.pk)

    @property
    def tick_url(self):
        """Where its tick is posted: it becomes done, or open again."""
        return record_url(f"interactions:task_{'reopening' if self.done_at else 'completion'}", self.pk)

    @property
    def shown_due(self):
        """The moment if it has a time, else the day."""
        return self.due_at if self.due_time else self.due_on

    def standardise(self):
        self.subject = standards.line(self.subject)
        self.body = standards.text(self.body)
        if self.due_on:
            zone = standards.zone_of(self.owner)
            self.due_at = datetime.combine(self.due_on, self.due_time or time(23, 59), zone)
            self.remind_at = self._reminder(zone)

    def _reminder(self, zone):
        """Return when to remind its owner; None if that is not wanted, or it was due in the past.

        A task of a day is due in its morning for that; a day before is the same time of the day before.
        """
        if self.remind_minutes is None or self.done_at or self.due_at < timezone.now():
            return None
        days, minutes = divmod(self.remind_minutes, 24 * 60)
        wall = datetime.combine(self.due_on - timedelta(days=days), self.due_time or MORNING, zone)
        return wall.astimezone(UTC) - timedelta(minutes=minutes)

    def clean(self):
        self.standard("due_on", standards.day)
