"""What mails may say of people and companies: the tokens of their templates."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from contacts.models import Company, Person
from crm.mailing.merging import Token, register


def _field(name):
    return lambda record, _by: getattr(record, name)


def _company_of(person, by):
    """Return the name of a person's company, as far as the sender sees it."""
    if by is None or not person.company_id:
        return ""
    return Company.objects.visible_to(by).filter(pk=person.company_id).first()


register(
    "person",
    _("Person"),
    Token("given_name", _("given name"), _field("given_name"), "given_name"),
    Token("family_name", _("family name"), _field("family_name"), "family_name"),
    Token("name", _("whole name"), lambda person, _by: person),
    Token("title", _("title"), _field("prefix"), "prefix"),
    Token("job_title", _("job title"), _field("job_title"), "job_title"),
    Token("company", _("company"), _company_of, "company"),
    kind=Person.record_kind(),
)
register(
    "company",
    _("Company"),
    Token("name", _("name"), lambda company, _by: company),
    Token("industry", _("industry"), _field("industry"), "industry"),
    Token("website", _("web site"), _field("website"), "website"),
    kind=Company.record_kind(),
)
