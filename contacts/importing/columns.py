"""The columns of a file that people and companies are read from, and the names that files have for them."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Source, Stage
from crm import standards, territories
from crm.importing.choices import Choices
from crm.importing.kinds import Column
from crm.importing.numbers import ELSEWHERE

_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]{2,}$")
_PHONE = re.compile(r"^\+?[\d\s()./-]{7,20}$")
_DAY = re.compile(r"^(\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{4})$")
_SITE = re.compile(r"^(https?://|www\.)\S+\.\S+$", re.IGNORECASE)


def looks_like_email(text):
    return bool(_EMAIL.match(text))


def looks_like_phone(text):
    return bool(_PHONE.match(text)) and 7 <= len(standards.digits(text)) <= 15 and not _DAY.match(text)


def looks_like_day(text):
    return bool(_DAY.match(text))


def looks_like_site(text):
    return bool(_SITE.match(text))


def looks_like_country(text):
    try:
        return len(text) > 1 and bool(territories.country(text))
    except ValidationError:
        return False


STAGES = Choices(
    Stage.choices,
    {
        "lead": ("Interessent", "prospect", "new", "subscriber", "suspect", "Neu", "piste"),
        "qualified": ("Qualifiziert", "SQL", "MQL", "marketing qualified lead", "sales qualified lead", "opportunity"),
        "customer": ("Kunde", "client", "cliente", "klant", "kund", "kunde", "active", "won", "evangelist"),
        "lapsed": ("Ehemalig", "Ehemaliger Kunde", "former customer", "churned", "inactive", "lost"),
        "blocked": ("Gesperrt", "do not contact", "unqualified", "Blacklist"),
    },
)
SOURCES = Choices(
    Source.choices,
    {
        "web_form": ("web", "website", "Webseite", "form", "organic search", "direct traffic", "online"),
        "referral": ("Empfehlung", "word of mouth", "employee referral", "recommandation", "partner referral"),
        "trade_fair": ("Messe", "trade show", "event", "exhibition", "salon", "conference"),
        "cold_call": ("Kaltakquise", "outbound", "cold calling"),
        "inbound_call": ("phone inquiry", "Anruf", "call"),
        "inbound_mail": ("email", "mail", "E-Mail"),
        "campaign": ("Kampagne", "advertisement", "email marketing", "paid search", "paid social", "social media"),
        "import": ("purchased list", "offline sources", "csv import"),
        "other": ("Sonstige", "autre", "otro"),
    },
)
SIZES = Choices(Company.Size.choices)

NUMBERS = (Column("id", _("Number here"), ("cornerstone id", "record number"), right="id"), ELSEWHERE)
E_MAILS = (
    Column(
        "email", _("E-mail"), (
            "mail", "email address", "e mail address", "e mail adresse", "email work", "work email", "business email",
            "mailadresse", "courriel", "adresse e mail", "correo electronico", "correo", "posta elettronica",
            "e post", "epost", "primary email", "e mail 1 value", "email 1", "e mail work",
        ), right="emails", several=True, looks=looks_like_email, example="anna.berg@nordlys.example",
    ),
    Column(
        "email_private", _("Private e-mail"),
        ("email private", "personal email", "home email", "email home", "e mail home", "e mail privat"),
        right="emails", several=True,
    ),
    Column("email_other", _("Other e-mail"), ("email other", "e mail other", "other email", "secondary email"),
           right="emails", several=True),
)  # fmt: skip
PHONES = (
    Column(
        "phone", _("Phone"), (
            "phone number", "telephone", "telefon", "telefonnummer", "tel", "business phone", "work phone",
            "phone work", "phone work", "company phone", "office phone", "telefono", "telefone", "numero de telephone",
            "puhelin", "telefoon", "primary phone", "company main phone", "direct phone",
        ), right="phones", several=True, looks=looks_like_phone, example="+47 22 55 01 44",
    ),
    Column(
        "mobile", _("Mobile"), (
            "mobile phone", "mobile number", "cell", "cell phone", "phone mobile", "handy", "mobil", "mobiltelefon",
            "handynummer", "movil", "portable", "mobiel", "cellulare", "mobilnummer",
        ), right="phones", several=True, example="+47 412 07 733",
    ),
    Column("phone_home", _("Home phone"), ("phone home", "telefon privat", "private phone", "phone private"),
           right="phones", several=True),
    Column("fax", _("Fax"), ("business fax", "fax number", "phone fax", "telefax", "faxnummer", "work fax"),
           right="phones", several=True),
    Column("phone_other", _("Other phone"), ("phone other", "asst phone", "assistant phone"), right="phones",
           several=True),
)  # fmt: skip
KINDS_OF_NEXT = (
    Column("email_kind", _("Kind of the e-mail in the next column"), right="emails", several=True),
    Column("phone_kind", _("Kind of the phone in the next column"), right="phones", several=True),
    Column("work_kind", _("Kind of the work address"), right="addresses"),
    Column("home_kind", _("Kind of the home address"), right="addresses"),
)
PLACE = {
    "street": (_("street"), ("street", "strasse", "address", "adresse", "address line 1", "street address", "rue",
                             "calle", "via", "street 1", "strasse und hausnummer", "hausnummer", "house number"),
               "Storgata 12"),
    "extra": (_("building, floor, c/o"), ("extended", "address line 2", "street 2", "adresszusatz", "po box"), ""),
    "postcode": (_("postcode"), ("postal code", "zip", "zip code", "plz", "postleitzahl", "code postal", "cap",
                                 "codigo postal", "zip postal code", "postnummer"), "0155"),
    "city": (_("city"), ("town", "ort", "stadt", "ville", "ciudad", "citta", "plaats", "poststed", "by"), "Oslo"),
    "region": (_("state or region"), ("state", "region", "province", "bundesland", "state province", "state region",
                                      "provincia"), ""),
    "country": (_("country"), ("land", "pays", "pais", "paese", "country region", "country code", "staat"), "Norway"),
}  # fmt: skip


def _address(prefix, words):
    """Return the columns of one postal address; those of the work address have the plain names, too."""
    for name, (label, names, example) in PLACE.items():
        named = [f"{word} {one}" for word in words for one in (str(name), *names)]
        yield Column(
            f"{prefix}_{name}",
            _("%(place)s: %(part)s") % {"place": words[0].capitalize(), "part": label},
            (*named, *((name, *names) if prefix == "work" else ())),
            right="addresses",
            between=" " if name in ("street", "extra") else "",
            looks=looks_like_country if (prefix, name) == ("work", "country") else None,
            example=example if prefix == "work" else "",
        )


ADDRESSES = (
    *_address("work", ("work", "business", "mailing", "billing", "company", "office", "geschaeftlich", "primary")),
    *_address("home", ("home", "private", "other", "privat")),
)
COMMON = (
    Column("stage", _("Stage"), (
        "lifecycle stage", "lifecycle", "status", "lead status", "contact stage", "phase", "type",
    ), choices=STAGES, example="Customer"),
    Column("source", _("Source"), ("lead source", "original source", "herkunft", "quelle", "origen"), choices=SOURCES),
    Column("tags", _("Tags"), ("labels", "label", "categories", "kategorien", "keywords", "schlagworte", "etiquetas",
                               "tag"), several=True, example="Newsletter, Oslo"),
    Column("currency", _("Currency"), ("waehrung", "devise", "moneda")),
    Column("notes", _("Notes"), ("note", "notizen", "description", "bemerkung", "bemerkungen", "comments",
                                 "remarks", "anmerkungen", "notas", "beschreibung"), between="\n"),
)  # fmt: skip
