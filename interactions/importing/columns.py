"""The columns of a file that talks and tasks are read from, and the names that files have for them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from contacts.importing.columns import looks_like_email
from contacts.models import Company, Person
from crm.importing.choices import Choices, Owners
from crm.importing.kinds import Column
from crm.importing.numbers import ELSEWHERE
from crm.models import User
from interactions.importing.moments import looks_like_moment
from interactions.models import Interaction, Task

PERSON, COMPANY = Person.record_kind(), Company.record_kind()
CALL = (
    "Anruf",
    "Telefonat",
    "phone call",
    "telephone",
    "Llamada",
    "Appel",
    "outbound call",
    "inbound call",
    "logged call",
)
MAIL = (
    "email", "e mail", "mail", "incoming email", "forwarded email", "list email", "sent email", "E-Mail", "letter",
    "Nachricht", "courriel", "correo",
)  # fmt: skip
MEETING = (
    "Besprechung", "Termin", "Treffen", "event", "demo", "lunch", "video call", "online meeting", "reunion", "Meeting",
    "webinar", "conference", "appointment", "rendez vous",
)  # fmt: skip
VISIT = ("site visit", "Besuch", "Vor-Ort-Termin", "on site", "visite", "visita", "field visit", "customer visit")
NOTE = ("Notiz", "comment", "memo", "nota", "remark")
KINDS = Choices(
    Interaction.Kind.choices,
    {"call": CALL, "email": MAIL, "meeting": MEETING, "visit": VISIT, "note": NOTE,
     "feedback": ("survey", "review"), "request": ("newsletter", "subscription")},
)  # fmt: skip
TASK_KINDS = Choices(
    Task.Kind.choices,
    {"call": CALL, "email": MAIL, "meeting": MEETING, "visit": VISIT,
     "todo": ("task", "Aufgabe", "deadline", "follow up", "to do", "todo", "other", "reminder", "tache", "tarea")},
)  # fmt: skip
DIRECTIONS = Choices(
    Interaction.Direction.choices,
    {"out": ("outbound", "out", "sent", "email", "made", "ausgehend", "outgoing email", "forwarded email", "Ausgang"),
     "in": ("inbound", "in", "received", "incoming email", "missed", "eingehend", "Eingang", "incoming call")},
)  # fmt: skip
OUTCOMES = Choices(
    Interaction.Outcome.choices,
    {
        "reached": ("connected", "answered", "completed", "done", "success", "interested", "erreicht", "not interested",
                    "requested more info", "requested call back", "spoke"),
        "message": ("left voicemail", "voicemail", "left live message", "left a voicemail", "left message",
                    "Nachricht hinterlassen"),
        "no_answer": ("no response", "unanswered", "missed", "not reached", "nicht erreicht", "canceled", "cancelled",
                      "no reply", "unattended"),
        "busy": ("besetzt", "engaged"),
        "wrong": ("bad number", "invalid number", "falsche Nummer"),
        "held": ("attended", "took place", "stattgefunden"),
        "no_show": ("no show", "did not attend", "absent", "nicht erschienen"),
    },
)  # fmt: skip
DONE = Choices(
    (("yes", _("Done")), ("no", _("Still to do"))),
    {
        "yes": ("done", "completed", "complete", "closed", "true", "1", "erledigt", "ja", "finished", "oui", "si",
                "held", "logged"),
        "no": ("to do", "todo", "open", "not started", "in progress", "false", "0", "offen", "nein", "planned",
               "waiting", "waiting on someone else", "deferred", "waiting for input", "scheduled", "non", "pending",
               "waiting on someone"),
    },
)  # fmt: skip


class Authors(Owners):
    """Who held a talk: whoever may be given one, and for those who may give to all, colleagues who have left, too."""

    def users(self, user):
        if user.access.scope(self.model._meta.label_lower, "create") == "all":
            return User.objects.order_by("given_name", "family_name", "pk")
        return super().users(user)


def when(key, label, *names):
    """Return the columns of a moment: the day, and a time that may stand beside it."""
    return (
        Column(key, label, names, is_day=True, right="at", looks=looks_like_moment, example="2026-11-20 14:30"),
        Column("time", _("Time of day"), ("uhrzeit", "start time", "due time", "hour", "heure", "hora"), right="at"),
    )


WHO = (
    Column("person_email", _("Person's e-mail"), (
        "email", "e mail", "contact email", "email address", "person email", "to address", "email to address",
        "participants", "attendees", "attendee emails", "e mail adresse", "contact e mail", "associated contact email",
    ), of=PERSON, right="emails", several=True, looks=looks_like_email, example="anna.berg@nordlys.example"),
    Column("person_phone", _("Person's phone"), (
        "phone", "phone number", "contact phone", "mobile", "to number", "telefon", "telefonnummer", "number dialed",
    ), of=PERSON, right="phones", several=True),
    Column("person", _("Person's name"), (
        "contact", "contact name", "name", "who", "with", "contact person", "person name", "associated contact",
        "kontakt", "ansprechpartner", "with whom", "associated contacts", "person", "lead",
    ), of=PERSON, right="name", several=True, example="Anna Berg"),
    Column("person_id", _("Person's number here"), ("cornerstone person", "person number"), of=PERSON, right="id",
           several=True),
    Column("person_elsewhere", _("Person's number in the other program"), (
        "contact id", "person id", "whoid", "who id", "associated contact ids", "contact record id",
    ), of=PERSON, right="id", several=True, elsewhere=True),
    Column("company", _("Company"), (
        "company name", "organization", "organisation", "account", "account name", "company account", "firma",
        "associated company", "related to", "unternehmen", "entreprise", "empresa",
    ), of=COMPANY, right="name", example="Nordlys Energi"),
    Column("company_id", _("Company's number here"), ("cornerstone company", "company number"), of=COMPANY, right="id"),
    Column("company_elsewhere", _("Company's number in the other program"), (
        "company id", "account id", "accountid", "organization id", "associated company ids",
    ), of=COMPANY, right="id", elsewhere=True),
)  # fmt: skip
SUBJECT = (
    "title", "topic", "betreff", "subject line", "activity subject", "objet", "asunto", "thema", "activity name",
    "activity",
)  # fmt: skip
TEXT = (
    "notes", "note", "body", "description", "details", "comments", "full comments", "beschreibung", "text", "notizen",
    "content", "call notes", "summary", "message", "inhalt", "bemerkung", "descripcion",
)  # fmt: skip
BY = (
    "owner", "by", "user", "assigned to", "assigned", "activity assigned to", "logged by", "created by", "rep", "agent",
    "besitzer", "erledigt von", "zustaendig", "host", "assigned to user",
)  # fmt: skip
NUMBERS = (Column("id", _("Number here"), ("cornerstone id", "record number"), right="id"), ELSEWHERE)
