"""With whom a row of a file was: people and companies among those the user sees, found some thousand rows at a time."""

from __future__ import annotations

import re
from collections import defaultdict

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.models import Company, Person
from contacts.reach import EmailAddress, PhoneNumber
from crm import standards
from crm.importing import numbers
from crm.importing.recognising import is_alike
from crm.tombstones import living_of

_AROUND_MAILS = re.compile(r"[\s<>;,\"'()\[\]]+")  # "Anna Berg" <anna@x.example>; bo@x.example
_SEVERAL = re.compile(r":::|;|\n")
_NUMBERS = re.compile(r"[\s;,]+")
_NUMBERS_ELSEWHERE = re.compile(r":::|[;,\n]")  # other programs have spaces in theirs
MOST = 50  # people of one row
PEOPLE = ("person_id", "person_elsewhere", "person_email", "person_phone", "person")
COMPANIES = ("company_id", "company_elsewhere", "company")
"""Keys of columns, the surest first: the first by which anybody is found says who it was."""


class Parties:
    """Finds whom rows name. `source`: the program that the file's numbers are of; `region`: of phones without a code.

    `are_needed`: whether a row that names nobody is refused.
    """

    def __init__(self, user, *, source, region, are_needed):
        self.user, self.source, self.region, self.are_needed = user, source, region, are_needed

    def find(self, drafts):
        """Set `about` of each draft to the people and companies it names; say at its cells who is not found."""
        asked = [(draft, {key: _texts(draft, key) for key in (*PEOPLE, *COMPANIES)}) for draft in drafts]
        self._look_up([texts for _draft, texts in asked])
        for draft, texts in asked:
            people, companies = self._who(draft, texts)
            draft.about = [*(("person", pk) for pk in people), *(("company", pk) for pk in companies)]

    def _who(self, draft, texts):
        """Return (ids of people, ids of companies) of a row; somebody who is named and not found is asked for."""
        if people := self._people(draft, texts):
            return people, self._company(texts, draft.hints.setdefault)
        named = [key for key in ("person_email", *PEOPLE) if texts[key]]
        if named:
            return [], self._of_mails(texts) or self._refuse(draft, named[0], texts[named[0]])
        if any(texts[key] for key in COMPANIES):
            return [], self._company(texts, draft.refuse)
        if self.are_needed and not draft.reason:
            draft.reason = _("Say with whom: an e-mail address, a phone number, a name or a company.")
        return [], []

    # Looking up

    def _look_up(self, rows):
        """Fill `found`: {(key, text): ids of people or companies the user sees}, by one statement a key."""
        wanted = defaultdict(set)
        for texts in rows:
            for key, some in texts.items():
                wanted[key].update(text for _place, text in some)
        found = {
            "person_id": _as_numbers(wanted["person_id"]),
            "person_elsewhere": numbers.known(Person.record_kind(), self.source, wanted["person_elsewhere"]),
            "person_email": self._reached(EmailAddress, "address", "person", self._mails(wanted["person_email"])),
            "person_phone": self._reached(PhoneNumber, "number", "person", self._phones(wanted["person_phone"])),
            "person": self._named(Person, wanted["person"]),
            "company_id": _as_numbers(wanted["company_id"]),
            "company_elsewhere": numbers.known(Company.record_kind(), self.source, wanted["company_elsewhere"]),
            "company": self._named(Company, wanted["company"]),
        }
        mails = self._mails(wanted["person_email"]) if self._knows_mails_of_companies else {}
        found["company_email"] = self._reached(EmailAddress, "address", "company", mails)
        self.found, self.names = {}, {}
        for model, keys in ((Person, PEOPLE), (Company, (*COMPANIES, "company_email"))):
            self._keep_seen(model, {key: found[key] for key in keys})

    @property
    def _knows_mails_of_companies(self):
        return "emails" not in self.user.access.hidden(Company.record_kind())

    def _keep_seen(self, model, found):
        """Keep of what was found the records that the user sees, as they are by now."""
        ids = {pk for by_text in found.values() for some in by_text.values() for pk in some}
        now = living_of(model, ids)
        seen = dict(model.objects.visible_to(self.user).filter(pk__in=set(now.values())).values_list("pk", "sort_name"))
        self.names[model] = seen
        for key, by_text in found.items():
            for text, some in by_text.items():
                self.found[key, text] = sorted({now[pk] for pk in some if now.get(pk) in seen})

    def _named(self, model, texts):
        by_name = defaultdict(list)
        for text in texts:
            by_name[_name(text)].append(text)
        rows = model.objects.visible_to(self.user).filter(sort_name__in=by_name)
        found = defaultdict(list)
        for pk, name in rows.values_list("pk", "sort_name"):
            for text in by_name[name]:
                found[text].append(pk)
        return found

    def _reached(self, part, column, whole, standard):
        """Return {text: ids} of those reached so; `standard`: {text: its standard form}."""
        rows = part.objects.unscoped(because="narrowed at once to records the user sees")
        rows = rows.filter(**{f"{column}__in": set(standard.values()), f"{whole}__isnull": False})
        by_value = defaultdict(list)
        for value, pk in rows.values_list(column, whole) if standard else ():
            by_value[value].append(pk)
        return {text: by_value[value] for text, value in standard.items() if value in by_value}

    @staticmethod
    def _mails(texts):
        return _standard(texts, standards.email)

    def _phones(self, texts):
        """Return {text: E.164}; "0047 ..." is read as "+47 ..." wherever it comes from."""
        return _standard(texts, lambda text: standards.phone(re.sub(r"^00", "+", text), self.region).number)

    # Choosing

    def _people(self, draft, texts):
        """Return the ids of the people of a row by the surest of its columns that finds any; note at its cells who is
        missing."""
        for key in PEOPLE:
            chosen, missing = [], {}
            for place, text in texts[key]:
                fitting = self._fitting(key, text, texts)
                if len(fitting) == 1:
                    chosen += fitting
                else:
                    missing[place] = _why(key, text, len(fitting))
            if chosen:
                draft.hints |= missing
                return list(dict.fromkeys(chosen))
        return []

    def _fitting(self, key, text, texts):
        """Return the people that a text can mean; of several those whose name the row says."""
        found = self.found.get((key, text), [])
        names = [_name(name) for _place, name in texts["person"]]
        if len(found) > 1 and key != "person" and names:
            alike = [pk for pk in found if any(is_alike(name, self.names[Person][pk]) for name in names)]
            return alike or found
        return found

    def _company(self, texts, say):
        """Return the id of the company of a row in a list; where none is found that is said at its cells."""
        missing = {}
        for key in COMPANIES:
            for place, text in texts[key]:
                found = self.found.get((key, text), [])
                if len(found) == 1:
                    return found
                missing[place] = _why(key, text, len(found))
        for place, why in missing.items():
            say(place, why)
        return []

    def _of_mails(self, texts):
        """Return the ids of the companies that the addresses of a row are of."""
        found = {pk for _place, text in texts["person_email"] for pk in self.found.get(("company_email", text), ())}
        return sorted(found)

    def _refuse(self, draft, key, cells):
        for place, text in cells:
            draft.refuse(place, _why(key, text, len(self.found.get((key, text), ()))))
        return []


def _texts(draft, key):
    """Return [(place, text)] of the values in the columns of a key."""
    found = []
    for place, cell in draft.texts.get(key, ()):
        if key == "person_email":
            some = [word for word in _AROUND_MAILS.split(cell) if "@" in word] or [cell]
        elif key.endswith(("_id", "_elsewhere")):
            some = (_NUMBERS if key.endswith("_id") else _NUMBERS_ELSEWHERE).split(cell)
        else:
            some = [cell] if key == "company" else _SEVERAL.split(cell)
        found += [(place, text.strip()) for text in some if text.strip()]
        if len(found) > MOST:
            draft.refuse(place, _("More than %d of them") % MOST)
            return found[:MOST]
    return found


def _name(text):
    """Return a name as records are sorted by: "Berg, Anna" is "anna berg"."""
    family, comma, given = standards.line(text).partition(",")
    return standards.sort_key(f"{given} {family}" if comma and given.strip() else text)[:300]


def _standard(texts, form):
    """Return {text: its standard form} of those that have one."""
    found = {}
    for text in texts:
        try:
            found[text] = form(text)
        except ValidationError:
            continue
    return found


def _as_numbers(texts):
    return {text: [int(text)] for text in texts if text.isascii() and text.isdigit() and len(text) < 19}


def _why(key, text, number):
    """Return why a text does not say who it was, and what to do."""
    said = {"text": text[:60], "number": number}
    if number:
        if key == "company":
            return _("%(number)d companies are called so: name a person, or the company's number here") % said
        if key == "person":
            return _("%(number)d people are called so: give an e-mail address") % said
        return _("%(number)d people can be reached so: give the name, too") % said
    if key.endswith(("_id", "_elsewhere")):
        return _("Nobody has the number %(text)s: import them first, or give an e-mail address") % said
    if key == "company":
        return _("No company is called so: import it first, or name a person") % said
    if key == "person":
        return _("Nobody is called so: import them first, or give an e-mail address") % said
    return _("Nobody can be reached by %(text)s: import them first, or give another") % said
