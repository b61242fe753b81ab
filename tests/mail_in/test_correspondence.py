"""Mail out and mail in are one: answers come back to whom they belong, returns are noted, our own mail is no news."""

import pytest

from crm import correspondence, receiving
from crm.mailing import OutgoingMail, Suppression, working
from crm.models import ReceivedMail
from interactions.models import Interaction
from tests.mail_in.conftest import done, written
from tests.mail_in.hostile import mail as raw_mail
from tests.mail_in.test_taking import REPORT

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(rep, customer):
    """A mail of the rep's to the customer, as it stands in the outbox."""
    text = "Here is the offer."
    return correspondence.write(to="ngozi@mail.example", subject="The offer", text=text, about=customer, by=rep)


def taken(raw, **where):
    found = receiving.take(raw, came_by="smtp", **where)
    done()
    return ReceivedMail.objects.get(pk=found.pk)


def test_an_answer_stands_with_the_person_and_is_private_to_whom_it_is_for(rep, customer, offer):
    answer = taken(written(text="Gladly.\n", To=offer.reply_to), envelope_to=[offer.reply_to])
    assert answer.thread.messages.filter(message_id=offer.message_id.strip("<>")).exists()
    talk = Interaction.objects.unscoped(because="a test looks").get(kind="email", direction="in")
    assert (talk.owner, talk.is_private, talk.body) == (rep, True, "Gladly.")
    assert list(talk.participations.of(talk).values_list("person", flat=True).exclude(person=None)) == [customer.pk]


def test_a_mail_that_comes_back_is_noted_and_its_address_gets_no_more(offer, own_mailbox):
    OutgoingMail.objects.filter(pk=offer.pk).update(state="sent")
    report = (REPORT % (b"failed", b"5.1.1")).replace(b"sent@localhost", offer.message_id.strip("<>").encode())
    kind = "multipart/report; report-type=delivery-status; boundary=b"
    raw = raw_mail(1, report, From="MAILER-DAEMON@mx.x.example", Auto_Submitted="auto-replied", Content_Type=kind)
    taken(raw, envelope_to=[own_mailbox.address])
    offer.refresh_from_db()
    assert offer.state == "bounced"
    assert Suppression.objects.filter(address_key="ngozi@mail.example").exists()


def test_our_own_mail_that_comes_in_is_set_aside_and_logged_to_nobody(offer, own_mailbox):
    raw = working.message_of(offer).message().as_bytes()
    assert taken(raw, envelope_to=[own_mailbox.address]).state == "quarantined"
    assert not Interaction.objects.unscoped(because="a test looks").exists()
