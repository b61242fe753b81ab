"""What is known to be right is proposed: what somebody answered from, what is verified; not what bounced."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Company, Person
from contacts.reach import EmailAddress
from crm import mailing, merging
from crm.merging import choosing
from crm.merging.proposing import ANSWERED, BOUNCED, VERIFIED, Proof, Side, proved
from crm.merging.relations import every
from crm.models import FieldRight, RawMail, ReceivedMail
from interactions.models import Interaction, MailLog
from tests.factories import contacts, crm, interactions
from tests.factories.contacts import reload

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep():
    return crm.user("Ingrid", team=crm.team("Nordics"))


def wrote(owner, record, address, *, days_ago=3, direction="in", **fields):
    """Log a mail that came in from an address."""
    at = timezone.now() - timedelta(days=days_ago)
    raw = RawMail.objects.create(digest=f"{address} {days_ago} {record.pk}", sha256="", content=b"x", size=1)
    mail = ReceivedMail.objects.create(raw=raw, subject="Hello", sender_address=address, date=at, state="parsed")
    named = {"people": [record]} if isinstance(record, Person) else {"companies": [record]}
    talk = interactions.talk(owner, kind="email", at=at, direction=direction, subject="Hello", **named, **fields)
    MailLog.objects.create(mail=mail, owner=owner, interaction=talk)
    return talk


def two(owner, model=Person, **fields):
    make = contacts.person if model is Person else contacts.company
    return make(owner, emails=["new@x.example"], **fields), make(owner, emails=["old@x.example"], **fields)


def chosen(record):
    return EmailAddress.objects.of(record).get(is_primary=True).address


def said(rep, *records):
    """Return (the address proposed, why) as the screen has them."""
    made = merging.mergeable(type(records[0]))
    [one] = [one for one in made.reached if one.key == "email"]
    parts = {one.key: choosing.primaries(one, records)}
    known = choosing.proofs([one], parts, rep)
    sides = choosing.sides_of(one, records, parts[one.key], proofs=known[one.key])
    found = one.propose(sides)
    return sides[found.place].text, found.why


@pytest.mark.parametrize("model", [Person, Company])
def test_the_address_they_last_answered_from_is_proposed_and_kept(rep, model):
    one, other = two(rep, model)
    wrote(rep, one, "new@x.example", days_ago=40)
    wrote(rep, other, "OLD@x.example", days_ago=3)
    day = timezone.localtime(timezone.now() - timedelta(days=3))
    assert said(rep, one, other) == ("old@x.example", f"Answered from it, {day:%-d %b %Y}")
    merging.merge(model, [one.pk, other.pk], by=rep)
    assert chosen(one) == "old@x.example"


def test_what_was_sent_to_them_is_no_answer(rep):
    one, other = two(rep)
    wrote(rep, one, "new@x.example", direction="out")
    assert said(rep, one, other)[1].startswith("Newest")
    wrote(rep, one, "somebody@else.example")
    assert said(rep, one, other)[1].startswith("Newest")


def test_a_mail_one_may_not_see_proposes_nothing(rep):
    one, other = two(rep)
    mate = crm.user("Arjun", team=rep.team)
    wrote(mate, other, "old@x.example", is_private=True)
    assert said(rep, one, other)[1].startswith("Newest")
    assert said(mate, one, other)[1].startswith("Answered")
    FieldRight.objects.create(role=mate.role, kind="interactions.interaction", field="subject", right="hidden")
    assert said(type(mate).objects.get(pk=mate.pk), one, other)[1].startswith("Newest")


def test_an_address_that_bounced_is_not_proposed(rep):
    one, other = two(rep)
    newest = said(rep, one, other)[0]
    mailing.suppress(newest, reason="hard_bounce", source="550 5.1.1")
    kept, why = said(rep, one, other)
    assert (kept != newest, why) == (True, "The other bounced")
    mailing.suppress(kept, reason="hard_bounce", source="550 5.1.1")
    assert said(rep, one, other) == (newest, said(rep, one, other)[1])


def test_a_number_of_the_numbering_plan_is_proposed(rep):
    one = contacts.person(rep, phones=["+47 412 07 733"])
    other = contacts.person(rep, phones=["+47 112 00 000"])
    parts = {part.person_id: part.is_valid for part in merging.mergeable(Person).reached[1].part.objects.of(one, other)}
    assert parts == {one.pk: True, other.pk: False}
    merging.merge(Person, [one.pk, other.pk], by=rep)
    [phone] = merging.mergeable(Person).reached[1].part.objects.of(reload(one)).filter(is_primary=True)
    assert phone.number == "+4741207733"


def side(text, rank=0, days_ago=0):
    at = timezone.now() - timedelta(days=days_ago)
    return Side(None, text, text, at, Proof(rank, f"because {rank}", at) if rank else None)


@pytest.mark.parametrize(
    ("sides", "place", "why"),
    [
        ([side("a", VERIFIED), side("b", ANSWERED, 9), side("c", ANSWERED, 2)], 2, "because 2"),
        ([side("a", VERIFIED), side("b")], 0, "because 1"),
        ([side("a"), side("b", BOUNCED), side("")], 0, "The other bounced"),
        ([side("a", ANSWERED), side("b", BOUNCED)], 0, "because 2; the other bounced"),
        ([side("a", BOUNCED), side("")], 0, "The only one known"),
        ([side("a"), side("a"), side("b")], 0, "2 of 3 agree"),
    ],
)
def test_what_is_proved_comes_before_what_is_new(sides, place, why):
    found = proved(sides)
    assert (found.place, found.why) == (place, why)


def test_the_number_of_queries_does_not_grow_with_the_records(rep, django_assert_max_num_queries):
    people = [contacts.person(rep, emails=[f"p{number}@x.example"]) for number in range(8)]
    for person in people:
        wrote(rep, person, f"p{person.pk}@x.example")
    rows = list(EmailAddress.objects.of(*people))
    assert rep.access
    with django_assert_max_num_queries(2):
        choosing.proofs_among(EmailAddress, rows, rep)


def test_two_who_answer_from_addresses_of_their_own_are_at_odds(rep):
    one, other = two(rep)
    wrote(rep, one, "new@x.example")
    made = merging.mergeable(Person)
    assert not choosing.Known(made, [one, other], rep).are_at_odds([one, other])
    wrote(rep, other, "old@x.example")
    assert choosing.Known(made, [one, other], rep).are_at_odds([one, other])
    every(Interaction).filter(owner=rep).update(is_private=True, owner=crm.user("Other"))
    assert not choosing.Known(made, [one, other], rep).are_at_odds([one, other]), "what one does not see counts not"
