"""The example app at work, with the mechanisms it leans on. Run by tests/platform/test_example.py."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from contacts.models import Person
from crm import events, mailing, ports, receiving, undo
from crm.access import users_with_access
from crm.conditions import Rule
from crm.events import Event, delivering
from crm.jobs import work_off
from crm.models import Firm, ReceivedMail
from crm.notifications import Notification
from tests.example import services
from tests.example.models import Gift
from tests.factories import contacts, crm
from tests.mail_in.conftest import mailbox, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep():
    return users_with_access().get(pk=crm.user("Ingrid", team=crm.team("North")).pk)


@pytest.fixture
def ada(rep):
    return contacts.person(rep, given_name="Ada", family_name="Lovelace")


def gifts():
    return list(Gift.objects.unscoped(because="a test looks").order_by("pk"))


def test_it_imports_no_sister():
    named = set()
    for path in Path(__file__).parent.glob("*.py"):
        if path.name not in ("suite.py", "settings.py"):
            tree = ast.walk(ast.parse(path.read_text()))
            named |= {
                node.module.partition(".")[0] for node in tree if isinstance(node, ast.ImportFrom) and node.module
            }
    assert named <= {"crm", "contacts", "django", "tests"}


def test_an_event_of_another_app_leads_over_a_port_to_a_gift_and_its_own_event_to_a_notification(ada, rep):
    ada.trash(by=rep)
    ada.restore(by=rep)
    delivering.deliver()
    delivering.deliver()
    assert [(gift.what, gift.owner) for gift in gifts()] == [("flowers", rep)]
    assert Event.objects.filter(name="example.gift.sent").get().facts == {"price_minor": 0}


def test_whoever_holds_the_person_is_told_once_also_when_it_is_told_again(ada, rep):
    giver = crm.user("Kari", team=rep.team)
    services.send(person=ada, what="a book", by=giver)
    delivering.deliver()
    assert events.replay("example.tell", since=timezone.now() - timedelta(hours=1)) == 1
    delivering.deliver()
    assert Notification.objects.filter(user=rep, kind="example.gift").count() == 1


def test_an_app_that_is_switched_off_offers_nothing(ada, rep):
    Firm.objects.update(apps_off=["example"])
    with pytest.raises(ports.NotOffered):
        ports.call("example.send_gift", person=ada, what="flowers", by=rep)
    assert not gifts()


def test_people_are_found_by_their_gifts_and_by_no_others(ada, rep):
    contacts.person(rep, given_name="Bob", family_name="Bell")
    stranger = crm.user("Solveig", team=crm.team("South"))
    services.send(person=ada, what="a book", price_minor=1200, by=rep)
    services.send(person=ada, what="a pen", price_minor=300, by=stranger)
    for count, price, found in ((1, 1000, [ada]), (2, 100, [])):
        dear = {"field": "example.gift.price_minor", "op": "more", "value": str(price)}
        leaf = {"relation": "contacts.person.gifts", "op": "at_least", "count": count, "where": {"all": [dear]}}
        rule = Rule.read("contacts.person", {"v": 1, "all": [leaf]}, rep)
        assert not rule.problems, rule.problems
        assert list(Person.objects.visible_to(rep).filter(rule.condition)) == found


def test_what_was_done_to_gifts_is_undone(ada, rep):
    gift = services.send(person=ada, what="a book", price_minor=1200, by=rep)
    with undo.recording("crm.trash", by=rep, kind="example.gift", record=gift.pk) as act:
        gift.trash(by=rep)
    gift.refresh_from_db()
    assert gift.is_trashed
    undo.undo(act, by=rep)
    gift.refresh_from_db()
    assert not gift.is_trashed


def test_a_gift_is_announced_once(ada, rep):
    gift = services.send(person=ada, what="book", address="ada@mail.example", by=rep)
    [mail] = mailing.OutgoingMail.objects.filter(key=f"gift-{gift.pk}")
    assert (mail.to, mail.subject, mail.about_kind) == ("ada@mail.example", "A book for you", "example.gift")


def test_thanks_are_taken_before_anybody_else_asks_for_the_mail(ada, rep):
    box = mailbox(rep)
    raw = written(sender="Ada <ada@mail.example>", Subject="Thanks for the book")
    taken = receiving.take(raw, came_by="smtp", envelope_to=[box.address])
    work_off()
    assert ReceivedMail.objects.get(pk=taken.pk).handled_by == "example.thanks"


def test_the_door_is_closed_to_those_who_may_not_see_gifts(ada, rep):
    services.send(person=ada, what="a book", by=rep)
    stranger = crm.user("Solveig", team=crm.team("South"))
    assert not Gift.objects.visible_to(stranger).exists()
    assert Person.objects.visible_to(rep).filter(pk=ada.pk).exists()
