"""The cast: who the tests send to every page, and the records they may or may not see there.

Sales ─┬─ North: owner, teammate        Other firm end: Abroad: other
       └─ (manager)                     no team: newrep; Office: marketer, agent, auditor, administrator
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from contacts.matching.people import PERSON
from crm import mailing, notifications, undo
from crm.accounts.sealing import sealed
from crm.duplicates import Suggestion
from crm.models import Import, Job, Mailbox, RawMail, ReceivedMail, Team, User
from crm.saved_views import SavedView
from interactions import services
from quality.models import BulkMerge
from tests.factories import contacts, crm, interactions, passkeys

NAMES = (
    "owner",
    "teammate",
    "manager",
    "other",
    "newrep",
    "marketer",
    "agent",
    "auditor",
    "administrator",
    "anonymous",
)


@dataclass(frozen=True)
class Member:
    """One of the cast: the user, the role's key, and the teams whose records a scope of "team" opens to them."""

    name: str
    user: User | AnonymousUser
    role: str
    teams: frozenset[int] = frozenset()


@dataclass
class Cast:
    """Everybody by name, and the teams."""

    members: dict[str, Member]
    north: Team
    abroad: Team

    def __getattr__(self, name):
        try:
            user = self.members[name].user
        except KeyError:
            raise AttributeError(name) from None
        user.__dict__.pop("access", None)  # what one test taught a user is undone with the test
        return user

    def __iter__(self):
        return iter(self.members.values())


@dataclass
class World:
    """The cast and what they have: `records` by name, the owner's and (`other_...`) those of another team."""

    cast: Cast
    records: dict[str, object] = field(default_factory=dict)

    def __getitem__(self, name):
        return self.records[name]

    def records_of(self, prefix):
        """Return the owner's records (""), or those of another team ("other_")."""
        return [record for name, record in self.records.items() if name.startswith("other_") == bool(prefix)]


def assembled():
    """Make the cast."""
    sales, abroad, office = crm.team("Sales"), crm.team("Abroad"), crm.team("Office")
    north = crm.team("North", parent=sales)
    below_sales = frozenset({sales.pk, north.pk})
    made = {
        "owner": ("rep", north, {north.pk}),
        "teammate": ("rep", north, {north.pk}),
        "manager": ("manager", sales, below_sales),
        "other": ("rep", abroad, {abroad.pk}),
        "newrep": ("rep", None, ()),
        "marketer": ("marketer", office, {office.pk}),
        "agent": ("agent", office, {office.pk}),
        "auditor": ("auditor", office, {office.pk}),
        "administrator": ("administrator", office, {office.pk}),
    }
    members = {
        name: Member(name, crm.user(name.title(), role=role, team=team), role, frozenset(teams))
        for name, (role, team, teams) in made.items()
    }
    members["anonymous"] = Member("anonymous", AnonymousUser(), "")
    return Cast(members, north, abroad)


def peopled(cast):
    """Give the owner and somebody of another team one of each kind: live, private and in the trash."""
    world = World(cast)
    for member in cast:
        if member.user.is_authenticated:
            passkeys.passkey(member.user)
    for prefix, user in (("", cast.owner), ("other_", cast.other)):
        world.records.update({f"{prefix}{name}": record for name, record in belongings(user, prefix).items()})
    return world


def belongings(user, prefix=""):
    """Return {name: record} of one of each kind that a user who has a passkey may have; `prefix`: in other words."""
    word = "Quixotic" if prefix else "Nordlys"
    company = contacts.company(user, name=f"{word} Energi", website=f"{word}.example", industry="Energy")
    person = contacts.person(
        user,
        given_name="Ngozi" if not prefix else "Zebulon",
        family_name="Okonkwo" if not prefix else "Farquhar",
        company=company,
        emails=[f"{word}@mail.example"],
        phones=["+47 412 07 733" if not prefix else "+47 412 07 999"],
        addresses=[{"city": "Oslo" if not prefix else "Drammen", "country": "NO"}],
    )
    found = {
        "user": user,
        "company": company,
        "person": person,
        "interaction": interactions.talk(user, people=[person], body=f"Spoke about {word}."),
        "private_interaction": interactions.talk(user, people=[person], body=f"Secret of {word}.", is_private=True),
        "task": interactions.task(user, person=person, subject=f"Send {word} the offer"),
        "private_task": interactions.task(user, person=person, subject=f"Whisper to {word}", is_private=True),
        "job": Job.objects.create(kind="crm.clear", asked_by=user, created_at=timezone.now(), run_after=timezone.now()),
        "act": _act(user),
        "outgoing_mail": mailing.send(to=f"{word}@mail.example", subject=f"Offer to {word}", text="Here.", by=user),
        "suppression": mailing.suppress(f"{word}@gone.example", reason="by_hand", source="They rang.", by=user),
        "mail_template": mailing.MailTemplate.objects.create(
            user=user, name=f"Hello {word}", subject="Hello", body="Hello {{ person.given_name }},"
        ),
        "colleague": crm.user(f"Colleague{word}"),
        "invited": crm.user(f"Invited{word}", is_active=False, invited_at=timezone.now()),
        "team": crm.team(f"Team of {word}"),
        "role": crm.role(f"Role of {word}"),
        "saved_view": SavedView.objects.create(kind="contacts.person", name=f"View of {word}", owner=user),
        "removed_view": SavedView.objects.create(
            kind="contacts.person", name=f"Old view of {word}", owner=user, removed_at=timezone.now()
        ),
        "session": _session(user),
        "suggestion": _suggestion(user, word),
        "import": _import(user, word),
        "bulk_merge": _bulk_merge(user),
        "notification": _told(user),
        "passkey": Authenticator.objects.get(user=user),
        "trashed_company": contacts.company(user, name=f"{word} Old"),
        "trashed_person": contacts.person(user, given_name=f"{word}", family_name="Gone"),
        "trashed_interaction": interactions.talk(user, people=[person], body=f"Never said by {word}."),
        "trashed_task": interactions.task(user, person=person, subject=f"Forget {word}"),
    }
    found.update(_mails(user, word))
    for name in ("company", "person"):
        found[f"trashed_{name}"].trash(by=user)
    services.trash_interaction(interaction=found["trashed_interaction"], by=user)
    services.trash_task(task=found["trashed_task"], by=user)
    return found


def _told(user):
    """Return something the user was told."""
    notifications.notify(user, "crm.job_over", once="cast", state="done", label="Count", url="/jobs/")
    return notifications.Notification.objects.get(user=user, key="crm.job_over:cast")


def _act(user):
    """Return an act of the user's that can be undone: a person put in the trash."""
    person = contacts.person(user, given_name="Lost", family_name=f"By{user.given_name}")
    with undo.recording("crm.trash", by=user, kind="contacts.person", record=person.pk) as act:
        person.trash(by=user)
    return act


def _mails(user, word):
    """Return a mailbox of the user's own, a mail that nobody was found for, and one that was set aside."""
    box = Mailbox.objects.create(
        address=f"{word}@box.example".lower(), owner=user, host="127.0.0.1", username=word, password_sealed=sealed("x")
    )
    there = {"mailbox": box}
    for name, fields in (("mail", {"state": "parsed"}), ("quarantined", {"state": "quarantined", "reason": "loop"})):
        raw = RawMail.objects.create(digest=f"{word} {name}", sha256="", content=b"Subject: x\r\n\r\nx", size=15)
        there[name] = ReceivedMail.objects.create(
            raw=raw, subject=f"About {word}", sender_address=f"{word}@away.example", text=f"Words on {word}",
            html=f"<p>{word}</p>", date=timezone.now(), **fields,
        )  # fmt: skip
        there[name].deliveries.create(mailbox=box, came_by="imap")
        there[name].reader_in_test = user.pk
    mail = there["mail"]
    mail.attachments.create(
        key=f"file-{mail.pk}", name="a.txt", type="text/plain", size=1, verdict="ok", start=14, end=15
    )
    return there


def _suggestion(user, word):
    """Return a pair of the user's people that may be one."""
    people = [contacts.person(user, given_name=word, family_name="Twice") for _number in range(2)]
    size = len(PERSON.comparisons)
    said = {"weight": 3.0, "levels": bytes(size), "rarities": bytes(4 * size)}
    made = Suggestion.objects.create(kind=1, left=people[0].pk, right=people[1].pk, **said)
    made.pair_in_test = people
    return made


def _import(user, word):
    """Return an import of the user's that is checked: one row that would be new."""
    header = ["Given name", "Family name"]
    made = Import.objects.create(
        user=user, kind="contacts.person", name=f"{word}.csv", form="csv", encoding="utf-8", size=10, header=header,
        total=1, mapping=["given_name", "family_name"], options={"keys": ["name"], "mode": "both", "doubles": "ask"},
        state="checked", counts={"new": 1},
    )  # fmt: skip
    made.rows.create(number=2, cells=[f"{word}", "Brought"], leader=2, fate="new", keys=[f"name:{word} brought"])
    return made


def _bulk_merge(user):
    """Return a run over two of the user's people that left them."""
    made = BulkMerge.objects.create(kind=1, by=user)
    people = [contacts.person(user, family_name=f"Left{user.given_name}") for _number in range(2)]
    made.items.create(number=1, ids=[one.pk for one in people], versions=[1, 1], outcome="left", why="changed")
    return made


def _session(user):
    """Return a session of the user's in another browser."""
    key = f"{user.pk:032d}"
    Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=1))
    return UserSession.objects.create(user=user, session_key=key, ip="192.0.2.1", user_agent="Firefox/140 (Windows)")


@pytest.fixture(scope="module")
def _module_rows(django_db_setup, django_db_blocker):
    """A transaction around a whole module, so that its rows are made once; each test still undoes its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(_module_rows):
    """The cast with its records, made once for the module."""
    return peopled(assembled())


@pytest.fixture(scope="module")
def cast(_module_rows, world):
    return world.cast
