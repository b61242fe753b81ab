"""Who may see and change people and companies. docs/access.md states the same in words; a test compares."""

from contacts.models import Company, Person
from crm.access import RecordPolicy, register

EVERYTHING = dict.fromkeys(("view", "create", "edit", "trash", "export"), "all")


class ContactPolicy(RecordPolicy):
    grants = {
        "administrator": EVERYTHING,
        "manager": dict.fromkeys(("view", "create", "edit", "trash", "export"), "team"),
        "rep": {"view": "team", "create": "own", "edit": "own", "trash": "own", "export": "own"},
        "marketer": {"view": "all", "create": "own", "edit": "own", "trash": "own", "export": "all"},
        "agent": {"view": "all", "create": "own", "edit": "own"},
        "auditor": {"view": "all"},
    }
    reach = ("emails", "phones", "addresses")
    common = ("stage", "source", "tags", "currency", "notes", *reach, "last_contacted_at", "next_activity_at")
    follows = {"addresses": ("country",), "website": ("domain",)}


@register
class PersonPolicy(ContactPolicy):
    model = Person
    hideable = ("prefix", "suffix", "job_title", "company", "born_on", "language", *ContactPolicy.common)
    fixable = ("given_name", "family_name", "owner")


@register
class CompanyPolicy(ContactPolicy):
    model = Company
    hideable = ("website", "industry", "size", *ContactPolicy.common)
    fixable = ("name", "owner")
