"""People as they are imported."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, F, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from nameparser import HumanName

from contacts.importing import exports
from contacts.importing.columns import ADDRESSES, COMMON, E_MAILS, KINDS_OF_NEXT, NUMBERS, PHONES, looks_like_day
from contacts.importing.employers import Employers
from contacts.importing.reading import EMAIL_KINDS, ContactPlanner, day
from contacts.models import Person
from contacts.reach import EmailAddress, PhoneNumber
from crm import standards
from crm.importing.choices import Owners
from crm.importing.kinds import Column, Importable, Key
from crm.importing.numbers import NUMBER_ELSEWHERE

_PLAIN = {name: name for name in ("prefix", "given_name", "family_name", "suffix", "job_title", "language", "currency",
                                  "notes")}  # fmt: skip


class PersonPlanner(ContactPlanner):
    model = Person
    plain = _PLAIN
    righted = ("given_name", "family_name")
    known_columns = ("id", NUMBER_ELSEWHERE, "given_name", "middle_name", "family_name", "full_name", *EMAIL_KINDS)

    def __init__(self, asked, **options):
        super().__init__(asked, **options)
        self.employers = Employers(self.user, owner=self.owner)

    def draft(self, draft):
        super().draft(draft)
        self._take_whole_name(draft)
        self._take_day(draft)
        self._take_employer(draft)
        given, family = draft.values.get("given_name", ""), draft.values.get("family_name", "")
        draft.name = standards.sort_key(standards.line(f"{given} {family}"))

    @staticmethod
    def _take_whole_name(draft):
        """Part a whole name where the file has no others, and put a middle name with the given one."""
        values = draft.values
        if "full_name" in draft.texts and not (values.get("given_name") or values.get("family_name")):
            place, text = draft.texts["full_name"][0]
            name = HumanName(standards.line(text))
            found = {"given_name": f"{name.first} {name.middle}".strip(), "family_name": name.last}
            found |= {"prefix": name.title[:30], "suffix": name.suffix[:20]}
            for field, value in found.items():
                if value and not values.get(field):
                    values[field], draft.places[field] = value, place
        elif "middle_name" in draft.texts and values.get("given_name"):
            values["given_name"] = f"{values['given_name']} {draft.text('middle_name')}"

    def _take_day(self, draft):
        if "born_on" in draft.texts:
            place, text = draft.texts["born_on"][0]
            try:
                draft.values["born_on"] = standards.day(day(text, self.options.get("days")))
                draft.places["born_on"] = place
            except ValidationError as error:
                draft.refuse(place, error.messages[0])
        elif self.is_mapped("born_on"):
            draft.cleared.append("born_on")

    def _take_employer(self, draft):
        name = standards.line(draft.text("company"))
        if not name:
            if self.is_mapped("company"):
                draft.cleared.append("company")
            return
        place = draft.texts["company"][0][0]
        sites = draft.texts.get("company_website", ())
        try:
            draft.employer = self.employers.draft(name, sites[0][1] if sites else "")
            draft.places["company"] = place
        except ValidationError as error:
            of_site = sites and "website" in getattr(error, "error_dict", {})
            draft.refuse(sites[0][0] if of_site else place, error.messages[0].partition(":")[0])

    def prepare(self, drafts):
        ready = [one for one in drafts if one.employer is not None and not one.bad]
        for draft, company in zip(ready, self.employers.found([one.employer for one in ready]), strict=True):
            if company is None:
                draft.refuse(draft.places["company"], _("There is no such company, and you may not add one"))
            else:
                draft.values["company"] = company

    def write_first(self, wholes):
        cached = (whole.record._state.fields_cache.get("company") for whole in wholes)
        self.employers.store([company for company in cached if company is not None])

    def identity(self, name, draft):
        if name == "email":
            return [part.address for part in draft.parts if isinstance(part, EmailAddress)]
        if name == "phone":
            return self._numbers(draft)
        if any(isinstance(part, EmailAddress | PhoneNumber) for part in draft.parts):
            return []
        return self._named(draft)

    @staticmethod
    def _numbers(draft):
        numbers = [part.number for part in draft.parts if isinstance(part, PhoneNumber)]
        return [f"{number}\n{draft.name}" for number in numbers if draft.name]

    @staticmethod
    def _named(draft):
        company = draft.values.get("company")
        return [f"{draft.name}\n{company.pk if company is not None else ''}"] if draft.name else []

    def known_by(self, draft):
        yield from self.identities(draft)
        for text in self._named(draft):
            yield "name", text

    def keys(self, draft):
        found = [*super().keys(draft), *(f"email:{text}" for text in self.identity("email", draft))]
        return [*found, *([f"name:{draft.name}"] if draft.name else [])]

    def with_phone(self, texts):
        names = {}
        for text in texts:
            names.setdefault(text.partition("\n")[0], []).append(text)
        held = list(self._holders(PhoneNumber, "number", list(names)))
        rows = Person.objects.visible_to(self.user).filter(pk__in={pk for _number, pk in held})
        stored = dict(rows.values_list("pk", "sort_name")) if held else {}
        for number, pk in held:
            for text in names[number]:
                if stored.get(pk) == text.partition("\n")[2]:
                    yield text, pk

    def with_name(self, texts):
        names = {text.partition("\n")[0] for text in texts}
        rows = Person.objects.visible_to(self.user).filter(sort_name__in=names).order_by("pk")
        told = (
            Value(None, BigIntegerField()) if "company" in self.access.hidden(self.importable.kind) else F("company_id")
        )
        for pk, name, company in rows.values_list("pk", "sort_name", told):
            text = f"{name}\n{company or ''}"
            if text in texts:
                yield text, pk

    def compared(self, draft):
        found = super().compared(draft)
        values = draft.values
        found["given_name"] = [values.get("given_name", "")]
        found["family_name"] = [" ".join(filter(None, [values.get("family_name"), values.get("suffix")]))]
        found["job_title"] = [values.get("job_title", "")]
        found["company"] = [draft.employer.name if draft.employer is not None else ""]
        found["birth_date"] = [values["born_on"].isoformat() if values.get("born_on") else ""]
        return found

    def first_values(self):
        return {**super().first_values(), "source": "import"}


PEOPLE = Importable(
    "people",
    Person,
    PersonPlanner,
    (
        Column("given_name", gettext_lazy("Given name"), (
            "first name", "firstname", "vorname", "prenom", "nombre", "nome", "voornaam", "fornavn", "fornamn",
            "person first name",
        ), example="Anna"),
        Column("middle_name", gettext_lazy("Middle name"), (
            "additional name", "second name", "zweiter vorname", "middle initial",
        ), right="given_name"),
        Column("family_name", gettext_lazy("Family name"), (
            "last name", "lastname", "surname", "nachname", "familienname", "nom", "nom de famille", "apellido",
            "apellidos", "cognome", "achternaam", "etternavn", "efternamn",
        ), example="Berg"),
        Column("full_name", gettext_lazy("Whole name"), (
            "name", "contact name", "contact", "kontakt", "formatted name", "display name", "ansprechpartner",
            "nom complet", "person name", "file as",
        ), right="family_name"),
        *E_MAILS,
        *PHONES,
        *KINDS_OF_NEXT,
        Column("company", gettext_lazy("Company"), (
            "company name", "organization", "organisation", "organization name", "account name", "account", "firma",
            "firmenname", "unternehmen", "employer", "entreprise", "societe", "empresa", "azienda", "bedrijf", "firm",
            "organization 1 name", "associated company",
        ), example="Nordlys Energi"),
        Column("company_website", gettext_lazy("Company's web site"), (
            "website", "web site", "web page", "url", "homepage", "webseite", "company domain name", "website url",
            "company domain",
        ), right="company"),
        Column("job_title", gettext_lazy("Job title"), (
            "title", "position", "role", "funktion", "function", "job position", "beruf", "fonction", "cargo",
            "organization title", "organization 1 title",
        ), example="Head of purchasing"),
        Column("prefix", gettext_lazy("Title"), ("name prefix", "salutation", "anrede", "honorific", "mr ms")),
        Column("suffix", gettext_lazy("Suffix"), ("name suffix",)),
        *ADDRESSES,
        Column("born_on", gettext_lazy("Born"), (
            "birthday", "birth date", "date of birth", "birthdate", "geburtstag", "geburtsdatum", "date de naissance",
            "fecha de nacimiento",
        ), looks=looks_like_day, is_day=True),
        Column("language", gettext_lazy("Language"), ("sprache", "preferred language", "langue", "idioma")),
        *COMMON,
        Column("owner", gettext_lazy("Owner"), (
            "contact owner", "account owner", "record owner", "person owner", "besitzer", "betreuer", "assigned to",
            "lead owner",
        ), choices=Owners(Person)),
        *NUMBERS,
    ),
    (
        Key("id", gettext_lazy("Number here"), ("id",)),
        Key("email", gettext_lazy("E-mail"), ("email", "email_private", "email_other")),
        Key("phone", gettext_lazy("Phone and name"), ("phone", "mobile", "phone_home", "phone_other")),
        Key("name", gettext_lazy("Name and company, where there is neither e-mail nor phone"), (
            "given_name", "family_name", "full_name",
        )),
    ),
    exports.OF_PEOPLE,
    icon="person",
)  # fmt: skip
