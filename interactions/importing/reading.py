"""What talks and tasks have in common as they are imported."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from crm import standards
from crm.importing.numbers import NUMBER_ELSEWHERE
from crm.importing.planning import Planner
from interactions import contact_dates
from interactions.importing import moments
from interactions.importing.parties import Parties


class DoingPlanner(Planner):
    """Plans rows that tell what was done or is to be done with somebody: known by whom, kind, time and subject."""

    telling = ("kind",)
    plain: dict[str, str] = {"subject": "subject", "body": "body"}
    needs_somebody = True

    def __init__(self, asked, **options):
        super().__init__(asked, **options)
        self.zone = standards.zone_of(self.user)
        self.order = self.options.get("days")
        region = self.options.get("country") or None
        self.parties = Parties(self.user, source=self.source, region=region, are_needed=self.needs_somebody)

    def draft(self, draft):
        for key, name in self.plain.items():
            self.take(draft, key, name)
        for key in self.choices.keys() & draft.texts.keys():
            self.take_choice(draft, key)
        self._take_whole(draft)
        if len(standards.line(draft.values.get("subject", ""))) > self.longest_subject:
            self._shorten(draft)

    @cached_property
    def longest_subject(self):
        return self.model._meta.get_field("subject").max_length

    def _take_whole(self, draft):
        """Take what holds for the whole file where a row does not say it."""
        for key, value in (self.options.get("whole") or {}).items():
            if key in self.choices and value in self.choices[key] and key not in draft.texts:
                draft.values[key] = value

    def _shorten(self, draft):
        """Keep a subject that is too long whole: at the head of the text."""
        subject = standards.line(draft.values["subject"])
        cut = subject[: self.longest_subject - 1].rstrip() + "…"
        draft.values |= {"subject": cut, "body": "\n\n".join(filter(None, [subject, draft.values.get("body", "")]))}
        if "body" in self.allowed:
            draft.was[draft.places["subject"]] = cut
        else:
            draft.refuse(draft.places["subject"], _("Too long"))

    def need(self, draft, key, why):
        """Refuse a row that lacks something: at the empty cell of its column, else as a whole."""
        place = next((place for place, mapped in self.columns if mapped == key), None)
        if place is not None:
            draft.refuse(place, why)
        elif not draft.reason:
            draft.reason = why

    def read_cell(self, draft, key, read):
        """Return what `read(text)` makes of the cell of a key, None if it is empty or refused."""
        if key not in draft.texts:
            return None
        place, text = draft.texts[key][0]
        try:
            return read(text)
        except ValidationError as error:
            is_beside = isinstance(error, moments.NoTime)
            draft.refuse(draft.texts["time"][0][0] if is_beside else place, error.messages[0])
            return None

    # Recognising

    known_columns: tuple[str, ...] = ("id", NUMBER_ELSEWHERE, "kind", "subject", "body")

    def moment_of(self, draft):
        """Return what tells when a row was, "" if it does not say."""
        raise NotImplementedError

    def keys(self, draft):
        found = super().keys(draft)
        when = self.moment_of(draft)
        return [*found, f"moment:{self._told(draft.values, when)}"] if when else found

    def identity(self, name, draft):
        when = self.moment_of(draft)
        people = [who for who in draft.about if who[0] == "person"]
        return [self._told(draft.values, when, who) for who in people or draft.about] if when else []

    def _told(self, values, when, who=("", "")):
        """Return the text by which something done is known: kind, when, with whom, and subject or else text."""
        what = standards.line(values.get("subject") or "") or standards.text(values.get("body") or "")
        return "\n".join([values.get("kind", ""), when, *map(str, who), sha256(what.encode()).hexdigest()[:20]])

    @staticmethod
    def when_and_whom(text):
        """Return (when, "person" or "company", id) of a text that `identity` gave."""
        _kind, when, whole, pk, _what = text.split("\n")
        return when, whole, int(pk)

    def readable(self, names):
        """Return those of these fields that the user may know."""
        hidden = self.access.hidden(self.importable.kind)
        return [name for name in names if name not in hidden]

    def fits(self, draft, told):
        return True

    def prepare(self, drafts):
        self.parties.find([draft for draft in drafts if draft.is_ready])

    def refresh(self, pairs):
        """Bring up to date when these people and companies were contacted, and what comes next: (whole, id)."""
        ids = {"person": set(), "company": set()}
        for whole, pk in pairs:
            ids[whole].add(pk)
        contact_dates.refresh(people=ids["person"], companies=ids["company"])
