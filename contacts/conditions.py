"""What can be asked of people and companies."""

from functools import partial

from django.db.models import Exists, OuterRef
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from contacts.models import NEVER_CONTACTED_FIRST, NONE_PLANNED_LAST, Company, Person, Source, Stage
from contacts.reach import EmailAddress, PhoneNumber, PostalAddress
from crm import conditions
from crm.conditions import Boolean, Choice, Day, Field, Moment, Reference, Relation, Tags, Team, Text
from crm.conditions import Person as Colleague
from crm.sentinels import EARLIEST, LATEST

PERSON, COMPANY = Person.record_kind(), Company.record_kind()


def _has(model, part, label, one):
    """Return the field "has an e-mail address"."""
    field_id = f"{model.record_kind()}.has_{one}"
    asks = Boolean(_("is known"), _("is not known"))
    return Field(field_id, label, asks, lambda asker: Exists(model.reach_of_outer(part)), tells=(part.rights_name,))


def _part(model, part, key, label, expression):
    """Return a field whose value stands in the ways to reach somebody."""
    rows = partial(_rows, model, part)
    return Field(f"{model.record_kind()}.{key}", label, Text(), expression, tells=(part.rights_name,), among=rows)


def _rows(model, part, asker):
    return model.reach_of_outer(part)


def _common(model):
    kind = model.record_kind()
    return [
        Field(f"{kind}.stage", _("stage"), Choice(Stage.choices)),
        Field(f"{kind}.owner", _("owner"), Colleague()),
        Field(f"{kind}.team", _("team"), Team(), "team"),
        Field(f"{kind}.source", _("source"), Choice(Source.choices[1:], optional=True), nothing=""),
        Field(f"{kind}.tags", _("tags"), Tags()),
        Field(f"{kind}.last_contacted_at", _("last contacted"), Moment(), NEVER_CONTACTED_FIRST, nothing=EARLIEST),
        Field(f"{kind}.next_activity_at", _("next activity"), Moment(), NONE_PLANNED_LAST, nothing=LATEST),
        Field(f"{kind}.created_at", _("created"), Moment()),
        Field(f"{kind}.updated_at", _("last change"), Moment()),
        Field(f"{kind}.country", _("country"), Choice(list(countries), optional=True), nothing=""),
        _part(model, PostalAddress, "city", _("city"), "city"),
        _part(model, PostalAddress, "postcode", _("postcode"), "postcode"),
        _part(model, EmailAddress, "email", _("e-mail address"), "address"),
        _has(model, EmailAddress, _("an e-mail address"), "email"),
        _has(model, PhoneNumber, _("a phone number"), "phone"),
        Field(f"{kind}.currency", _("currency"), Text()),
        Field(f"{kind}.notes", _("notes"), Text()),
    ]


conditions.register(
    PERSON,
    Field(f"{PERSON}.family_name", _("family name"), Text()),
    Field(f"{PERSON}.given_name", _("given name"), Text()),
    Field(f"{PERSON}.job_title", _("job title"), Text()),
    Field(
        f"{PERSON}.company",
        _("company"),
        Reference(
            Company, attribute="company", url=reverse_lazy("contacts:company_choices"), placeholder=_("Type a company")
        ),
    ),
    *_common(Person),
    Field(f"{PERSON}.born_on", _("born"), Day()),
    Field(f"{PERSON}.language", _("language"), Text()),
)
conditions.register(
    COMPANY,
    Field(f"{COMPANY}.name", _("name"), Text()),
    Field(f"{COMPANY}.industry", _("industry"), Text()),
    Field(f"{COMPANY}.size", _("employees"), Choice(Company.Size.choices[1:], optional=True), nothing=""),
    Field(f"{COMPANY}.website", _("web site"), Text()),
    *_common(Company),
)
conditions.relate(
    PERSON,
    Relation(
        f"{PERSON}.works_at",
        _("company that …"),
        to=COMPANY,
        one=_("company"),
        many=_("companies"),
        rows=lambda asker: Company.objects.visible_to(asker.user).filter(pk=OuterRef("company")),
        tells=("company",),
    ),
)
conditions.relate(
    COMPANY,
    Relation(
        f"{COMPANY}.people",
        _("people"),
        to=PERSON,
        one=_("person"),
        many=_("people"),
        rows=lambda asker: Person.objects.visible_to(asker.user).filter(company=OuterRef("pk")),
        date="created_at",
        tells_there=("company",),
    ),
)
