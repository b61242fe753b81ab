"""People with mailboxes, and mails for them."""

from email.message import EmailMessage
from itertools import count

import pytest

from crm import jobs
from crm.models import Mailbox
from tests.architecture.conftest import no_hurry, signed_in  # noqa: F401
from tests.cast import _module_rows, cast, world  # noqa: F401
from tests.factories import contacts, crm

_numbers = count(1)


@pytest.fixture
def rep(db):
    return crm.user("Ingrid", team=crm.team(f"North {next(_numbers)}"))


@pytest.fixture
def customer(rep):
    """A person of the rep's, at a company."""
    company = contacts.company(rep, name="Nordlys Energi", emails=["post@nordlys.example"])
    return contacts.person(
        rep, given_name="Ngozi", family_name="Okonkwo", company=company, emails=["Ngozi@mail.example"]
    )


@pytest.fixture
def own_mailbox(rep):
    return mailbox(rep)


def mailbox(owner, **fields):
    fields = {"way": "direct", "address": f"{owner.given_name}{next(_numbers)}@firm.example".lower(), **fields}
    return Mailbox.objects.create(owner=owner, **fields)


def written(*, text="Could you send the offer?\n", html=None, files=(), **fields):
    """Return a raw mail as an honest program writes it. `fields`: its head, From as sender."""
    mail = EmailMessage()
    usual = {
        "From": fields.pop("sender", "Ngozi Okonkwo <ngozi@mail.example>"),
        "To": "ingrid@firm.example",
        "Subject": "The offer",
        "Date": "Thu, 21 Nov 2024 09:30:00 +0100",
        "Message-ID": f"<{next(_numbers)}@mail.example>",
    }
    for name, value in {**usual, **{name.replace("_", "-"): value for name, value in fields.items()}}.items():
        if value is not None:
            mail[name] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, content, kind in files:
        main, _slash, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def done():
    """Do the jobs that are due, here and now."""
    jobs.work_off(most=500)
