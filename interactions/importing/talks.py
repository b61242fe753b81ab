"""Calls, mails, meetings, visits and notes as they are imported."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Person
from crm import loading
from crm.importing.kinds import Column, Importable, Key
from interactions.forms import OUTCOMES as OUTCOMES_OF
from interactions.importing import exports, moments
from interactions.importing.columns import (
    BY,
    DIRECTIONS,
    DONE,
    KINDS,
    NUMBERS,
    OUTCOMES,
    SUBJECT,
    TEXT,
    WHO,
    Authors,
    when,
)  # fmt: skip
from interactions.importing.reading import DoingPlanner
from interactions.models import Interaction, Participation

Kind, Outcome = Interaction.Kind, Interaction.Outcome
ALIKE = {
    Outcome.REACHED: Outcome.HELD, Outcome.HELD: Outcome.REACHED, Outcome.NO_ANSWER: Outcome.NO_SHOW,
    Outcome.NO_SHOW: Outcome.NO_ANSWER, Outcome.BUSY: Outcome.NO_SHOW,
}  # fmt: skip
"""What an outcome is called at another kind of talk: "completed" is reached for a call, held for a meeting."""


class TalkPlanner(DoingPlanner):
    model = Interaction
    tells_owners = False  # it is past
    known_columns = (*DoingPlanner.known_columns, "at", "time")

    def draft(self, draft):
        super().draft(draft)
        is_planned = draft.values.pop("done", "") == "no"
        if "kind" not in draft.values:
            self.need(draft, "kind", _("Say what it was: a call, a mail, a meeting, a visit or a note."))
        self._take_moment(draft)
        self._take_minutes(draft)
        self._take_outcome(draft)
        if is_planned:
            draft.reason = draft.reason or _("It is still to be done: import it as a task.")

    def _take_moment(self, draft):
        clock = draft.text("time")
        found = self.read_cell(draft, "at", lambda text: moments.moment(text, self.order, self.zone, clock))
        if found is None:
            if "at" not in draft.texts:
                self.need(draft, "at", _("Say when it was."))
            return
        draft.values["at"], draft.places["at"] = found[0].astimezone(UTC), draft.texts["at"][0][0]
        if found[0].astimezone(self.zone).date() > timezone.now().astimezone(self.zone).date():
            draft.reason = draft.reason or _("It is in the future: import it as a task.")

    def _take_minutes(self, draft):
        for key in ("duration", "seconds"):
            found = self.read_cell(draft, key, lambda text, key=key: moments.minutes(text, seconds=key == "seconds"))
            if found is not None and "duration_minutes" not in draft.values:
                draft.values["duration_minutes"], draft.places["duration_minutes"] = found, draft.texts[key][0][0]

    def _take_outcome(self, draft):
        """Call an outcome as it is called at this kind of talk; what a kind has no word for is left out and said."""
        if not draft.values.get("outcome"):
            return
        if called := _called(draft.values["outcome"], draft.values.get("kind")):
            draft.values["outcome"] = called
        else:
            del draft.values["outcome"]
            draft.hints[draft.places.pop("outcome")] = _("Left out: this kind has no such outcome")

    following = ("outcome",)

    def set(self, record, name, value):
        """Set a field; with the kind of a talk its outcome becomes what that kind calls it."""
        super().set(record, name, value)
        if name == "kind":
            record.outcome = _called(record.outcome, value)

    # Recognising

    def moment_of(self, draft):
        return draft.values["at"].isoformat() if "at" in draft.values else ""

    def with_moment(self, texts):
        """Yield (text, id) of the talks there with these people and companies at these moments."""
        wanted = defaultdict(set)
        for text in texts:
            at, whole, pk = self.when_and_whom(text)
            wanted[whole].add((datetime.fromisoformat(at), pk))
        found = []
        for whole, pairs in wanted.items():
            rows = Participation.objects.unscoped(because="narrowed at once to talks the user may see")
            moments_, ids = ({pair[side] for pair in pairs} for side in (0, 1))
            rows = rows.filter(**{f"{whole}__in": ids, "at__in": moments_}).values_list("at", whole, "interaction")
            found += [(at, (whole, pk), talk) for at, pk, talk in rows if (at, pk) in pairs]
        told = self._talks({talk for _at, _who, talk in found})
        for at, who, talk in found:
            if talk in told:
                text = self._told(told[talk], at.astimezone(UTC).isoformat(), who)
                if text in texts:
                    yield text, talk

    def _talks(self, ids):
        """Return {id: what a user may know of a talk to recognise it}."""
        names = self.readable(("kind", "subject", "body"))
        rows = Interaction.objects.visible_to(self.user).filter(pk__in=ids)
        return {row["pk"]: row for row in rows.values("pk", *names)}

    # Who took part

    def prepare(self, drafts):
        super().prepare(drafts)
        ready = [draft for draft in drafts if draft.is_ready]
        people = {pk for draft in ready for whole, pk in draft.about if whole == "person"}
        rows = Person.objects.unscoped(because="a person's company takes part with them, whoever logs the talk")
        employers = dict(rows.filter(pk__in=people).values_list("pk", "company")) if people else {}
        for draft in ready:
            draft.along = [
                ("company", employers[pk]) for whole, pk in draft.about if whole == "person" and employers.get(pk)
            ]

    def parts_of(self, records):
        found = defaultdict(list)
        for part in Participation.objects.of(*records).order_by("pk") if records else ():
            found[part.interaction_id].append(part)
        return found

    def fold_parts(self, whole, draft):
        """Add whoever took part and is not there yet; companies come along with their people at a new talk alone."""
        there = {_side(part) for part in whole.parts}
        first = whole.is_new and not whole.parts
        added = [one for one in dict.fromkeys([*draft.about, *(draft.along if first else ())]) if one not in there]
        for name, pk in added:
            part = loading.fresh(Participation, at=whole.record.at, **{f"{name}_id": pk})
            whole.parts.append(part)
            whole.new_parts.append(part)
        return len(added)

    def follow(self, whole):
        for part in whole.parts:
            if part.at != whole.record.at:
                part.at = whole.record.at
                if not any(part is one for one in (*whole.new_parts, *whole.changed_parts)):
                    whole.changed_parts.append(part)

    def write_last(self, wholes):
        self.refresh(_side(part) for whole in wholes for part in whole.parts)


def _called(outcome, kind):
    """Return what an outcome is called at a kind of talk, "" where that has no word for it."""
    allowed = OUTCOMES_OF.get(kind, ())
    return str(next((one for one in (outcome, ALIKE.get(outcome)) if one in allowed), ""))


def _side(part):
    return ("person", part.person_id) if part.person_id else ("company", part.company_id)


TALKS = Importable(
    "interactions",
    Interaction,
    TalkPlanner,
    (
        *when("at", gettext_lazy("When"), "date", "datum", "date and time", "activity date", "timestamp", "start",
              "start date", "datum und zeit", "date time", "zeitpunkt", "start date time", "started at", "call time",
              "sent at", "fecha", "logged at", "occurred at"),
        Column("kind", gettext_lazy("Kind"), (
            "type", "activity type", "art", "typ", "interaction type", "activity kind", "channel", "tipo", "kanal",
            "task subtype", "task event subtype",
        ), choices=KINDS, example="Meeting"),
        Column("direction", gettext_lazy("Direction"), ("call direction", "call type", "email direction", "richtung"),
               choices=DIRECTIONS),
        *WHO,
        Column("subject", gettext_lazy("Subject"), SUBJECT, example="Spring collection"),
        Column("body", gettext_lazy("What was said"), TEXT, between="\n\n", example="Wants an offer for 400 pieces."),
        Column("outcome", gettext_lazy("Outcome"), (
            "result", "call outcome", "call result", "meeting outcome", "ergebnis", "disposition", "resultado",
            "call disposition",
        ), choices=OUTCOMES, example="Held"),
        Column("duration", gettext_lazy("Minutes"), (
            "duration", "duration minutes", "dauer", "length", "call duration", "dauer minuten", "duration in minutes",
            "durationinminutes",
        ), right="duration_minutes", example="45"),
        Column("seconds", gettext_lazy("Seconds"), (
            "duration seconds", "call duration in seconds", "callduration in seconds", "calldurationinseconds",
            "dauer sekunden",
        ), right="duration_minutes"),
        Column("done", gettext_lazy("Whether it was done"), ("status", "completed", "erledigt", "activity status"),
               right="at", choices=DONE),
        Column("owner", gettext_lazy("By whom"), BY, choices=Authors(Interaction)),
        *NUMBERS,
    ),
    (
        Key("id", gettext_lazy("Number here"), ("id",)),
        Key("external", gettext_lazy("Number in the other program"), ("external_id",)),
        Key("moment", gettext_lazy("With whom, kind, time and subject"), ("at",)),
    ),
    exports.OF_TALKS,
    icon="telephone",
    whole_file=("kind",),
    title=gettext_lazy("calls, mails, meetings, visits and notes"),
)  # fmt: skip
