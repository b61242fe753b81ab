"""Tasks as they are imported."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Person
from crm.importing.choices import Owners
from crm.importing.kinds import Column, Importable, Key
from crm.models import User
from interactions.importing import exports, moments
from interactions.importing.columns import BY, DONE, NUMBERS, SUBJECT, TASK_KINDS, TEXT, WHO, when
from interactions.importing.reading import DoingPlanner
from interactions.models import Task

FOLLOW = ("due_at", "remind_at")
MIDNIGHT, EVENING = time(0), time(17)


class TaskPlanner(DoingPlanner):
    model = Task
    known_columns = (*DoingPlanner.known_columns, "due", "time")
    following = FOLLOW
    only_empty = ("done_at", "done_by")
    needs_somebody = False

    def draft(self, draft):
        super().draft(draft)
        if not draft.values.get("subject"):
            self._name_by_text(draft)
        self._take_due(draft)
        draft.values.setdefault("kind", Task.Kind.TODO.value)
        if draft.values.pop("done", "") == "yes":
            self._take_done(draft)

    def _name_by_text(self, draft):
        """Call a task that has no subject by the first words of its text."""
        words = draft.values.get("body", "").strip().split("\n")[0]
        if words:
            draft.values["subject"] = words[: self.longest_subject]
        else:
            self.need(draft, "subject", _("Say what is to be done."))

    def _take_due(self, draft):
        clock = draft.text("time")
        found = self.read_cell(draft, "due", lambda text: moments.moment(text, self.order, self.zone, clock))
        if found is None:
            if "due" not in draft.texts:
                self.need(draft, "due", _("Say by which day."))
            return
        at, is_timed = found
        at = at.astimezone(self.zone)
        draft.values["due_on"], draft.places["due_on"] = at.date(), draft.texts["due"][0][0]
        if is_timed and at.time() != MIDNIGHT:
            draft.values["due_time"] = at.time().replace(tzinfo=None)

    def _take_done(self, draft):
        """Take a task that was done: when, if the file says it, else at the end of the day by which it was due."""
        found = self.read_cell(draft, "done_at", lambda text: moments.moment(text, self.order, self.zone))
        day = draft.values.get("due_on")
        if found is None and day is None:
            return
        at = found[0] if found else datetime.combine(day, draft.values.get("due_time", EVENING), self.zone)
        draft.values["done_at"] = min(at.astimezone(UTC), timezone.now())
        draft.values["done_by"] = draft.values.get("owner", self.owner)

    # Recognising

    def moment_of(self, draft):
        return draft.values["due_on"].isoformat() if "due_on" in draft.values else ""

    def with_moment(self, texts):
        """Yield (text, id) of the tasks there about these people and companies for these days."""
        asked = [self.when_and_whom(text) for text in texts]
        names = self.readable(("kind", "subject", "body"))
        for whole in ("person", "company", "owner"):
            days = {date.fromisoformat(day) for day, of, _pk in asked if of == whole}
            ids = {pk for _day, of, pk in asked if of == whole}
            if not ids:
                continue
            rows = Task.objects.visible_to(self.user).filter(**{f"{whole}__in": ids, "due_on__in": days})
            rows = rows.filter(person=None, company=None) if whole == "owner" else rows
            for row in rows.values("pk", "due_on", whole, *names):
                text = self._told(row, row["due_on"].isoformat(), (whole, row[whole]))
                if text in texts:
                    yield text, row["pk"]

    # Whom it is about

    def prepare(self, drafts):
        super().prepare(drafts)
        ready = [draft for draft in drafts if draft.is_ready]
        people = {pk for draft in ready for whole, pk in draft.about if whole == "person"}
        rows = Person.objects.unscoped(because="a task about a person is about their company, too, whoever plans it")
        employers = dict(rows.filter(pk__in=people).values_list("pk", "company")) if people else {}
        for draft in ready:
            person = next((pk for whole, pk in draft.about if whole == "person"), None)
            company = next((pk for whole, pk in draft.about if whole == "company"), None) or employers.get(person)
            owner = draft.values.get("owner", self.owner)
            sides = (("person", person), ("company", company), ("owner", owner.pk))
            draft.about = [next(side for side in sides if side[1])]
            draft.along = [("person", person), ("company", company)]

    def fold_parts(self, whole, draft):
        """Say whom a new task is about; what is there stays about whom it is."""
        if whole.is_new and not whole.rows:
            for name, pk in draft.along:
                whole.record.__dict__[f"{name}_id"] = pk
        return 0

    def parts_of(self, records):
        """Know the owners of tasks: their zones say when these are due."""
        users = User.objects.in_bulk({one.owner_id for one in records if one.owner_id})
        for one in records:
            one.owner = users.get(one.owner_id)
        return {}

    def write_last(self, wholes):
        sides = ((name, whole.record.__dict__[f"{name}_id"]) for whole in wholes for name in ("person", "company"))
        self.refresh((name, pk) for name, pk in sides if pk)


TASKS = Importable(
    "tasks",
    Task,
    TaskPlanner,
    (
        *when("due", gettext_lazy("Due"), "due date", "date", "due on", "deadline", "faellig am", "datum",
              "faelligkeit", "activity date", "due date time", "fecha", "echeance", "faelligkeitsdatum"),
        Column("subject", gettext_lazy("What"), ("subject", "task", "task name", "task title", "aufgabe", *SUBJECT),
               example="Send the offer"),
        Column("kind", gettext_lazy("Kind"), ("type", "task type", "activity type", "art", "typ", "tipo"),
               choices=TASK_KINDS, example="Mail"),
        *WHO,
        Column("body", gettext_lazy("Details"), TEXT, between="\n\n"),
        Column("done", gettext_lazy("Whether it is done"), (
            "done", "status", "task status", "completed", "erledigt", "activity status", "is closed", "isclosed",
        ), right="due_on", choices=DONE),
        Column("done_at", gettext_lazy("Done at"), (
            "completed at", "completed date", "closed time", "completion date", "erledigt am", "marked as done time",
        ), right="due_on", is_day=True),
        Column("owner", gettext_lazy("Owner"), ("task owner", *BY), choices=Owners(Task)),
        *NUMBERS,
    ),
    (
        Key("id", gettext_lazy("Number here"), ("id",)),
        Key("external", gettext_lazy("Number in the other program"), ("external_id",)),
        Key("moment", gettext_lazy("About whom, kind, day and subject"), ("due",)),
    ),
    exports.OF_TASKS,
    icon="check2-square",
)  # fmt: skip
