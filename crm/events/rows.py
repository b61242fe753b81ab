"""The rows of events: what happened, how far each listener has heard, and what it could not take."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """Something that happened to a row, written in the transaction in which it happened.

    `position` orders events as they were committed; one still without has not been seen by the delivery. Two of one
    record stand in the order of their ids, as whoever changes a record has locked it.
    """

    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=100)
    record_id = models.BigIntegerField()
    facts = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    noted_at = models.DateTimeField()
    position = models.BigIntegerField(null=True, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="event_unseen", condition=Q(position__isnull=True)),
            models.Index(fields=["kind", "record_id", "id"], name="event_of_record"),
            models.Index(fields=["noted_at"], name="event_by_time"),
        ]

    def __str__(self):
        return f"{self.name} {self.record_id}"


class Listener(models.Model):
    """How far a handler has heard. `attempts`: times its next events were begun and never ended."""

    key = models.CharField(max_length=100, primary_key=True)
    position = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)

    def __str__(self):
        return self.key


class Held(models.Model):
    """An event that a listener could not take, or that waits behind such a one of the same record."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Will be tried again")
        BEHIND = "behind", _("Waits for an earlier one")
        DEAD = "dead", _("Given up")
        ASIDE = "aside", _("Set aside")

    IN_THE_WAY = (State.WAITING, State.BEHIND, State.DEAD)
    listener = models.ForeignKey(Listener, models.CASCADE, related_name="held", db_index=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=100)
    record_id = models.BigIntegerField()
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    run_after = models.DateTimeField()
    error = models.TextField(_("error"), blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["listener", "event"], name="held_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "behind", "dead", "aside"]), name="held_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["listener", "run_after"], name="held_due", condition=Q(state="waiting")),
            models.Index(
                fields=["listener", "kind", "record_id", "event"], name="held_in_order", condition=~Q(state="aside")
            ),
            models.Index(fields=["-id"], name="held_dead", condition=Q(state="dead")),
            models.Index(fields=["event"], name="held_of_event"),
        ]

    def __str__(self):
        return f"{self.listener_id} {self.event_id}"
