"""Mails in doubt: looked for where it can be known, and left to a person where it cannot."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from imap_tools import MailBoxUnencrypted

from crm import mailing
from crm.jobs.running import claimant
from crm.mailing import outcomes, reconciling, working
from crm.mailing.carriers import InDoubt, SmtpCarrier, Taken
from crm.mailing.rows import OutgoingMail
from tests.mail_in.servers import imap_server
from tests.platform.sites import nobody_listens

pytestmark = pytest.mark.django_db
GONE = f"{claimant().rsplit('/', 3)[0]}/999999999/1/abcdef"
"""A claim of a process of this machine that is no more."""


def send(**changes):
    return mailing.send(**{"to": "ngozi@mail.example", "subject": "The offer", "text": "Here it is.", **changes})


def doubtful(**changes):
    """Write a mail that was handed over ten minutes ago, and nobody heard what came of it."""
    mail = send(**changes)
    fields = {"state": "in_doubt", "sending_at": timezone.now() - timedelta(minutes=10), "claimed_by": GONE}
    OutgoingMail.objects.filter(pk=mail.pk).update(**fields)
    return now_of(mail)


def now_of(mail):
    return OutgoingMail.objects.get(pk=mail.pk)


def test_what_a_dead_worker_was_sending_is_in_doubt_and_what_a_living_one_sends_is_not():
    dead, living, stale = send(), send(), send()
    now = timezone.now()
    for mail, claim, since in ((dead, GONE, 1), (living, claimant(), 1), (stale, claimant(), 600)):
        OutgoingMail.objects.filter(pk=mail.pk).update(
            state="sending", claimed_by=claim, sending_at=now - timedelta(seconds=since)
        )
    assert outcomes.abandoned() == 2
    assert [now_of(mail).state for mail in (dead, living, stale)] == ["in_doubt", "sending", "in_doubt"]
    assert outcomes.abandoned() == 0


def test_a_worker_that_comes_back_late_still_says_what_it_knows():
    mail = doubtful()
    outcomes.taken(mail, Taken("250 OK"))
    assert now_of(mail).state == "sent"


def test_a_worker_that_comes_back_after_somebody_decided_changes_nothing():
    mail = doubtful()
    assert mailing.send_again(mail, by=None)
    outcomes.taken(mail, Taken("250 OK"))
    assert now_of(mail).state == "waiting"
    assert "Too late: 250 OK" in mail.notes.values_list("text", flat=True)


def test_what_is_in_doubt_is_never_sent_again_by_itself(sink):
    mail = doubtful()
    for _turn in range(3):
        working.work()
    assert (now_of(mail).state, sink.mails()) == ("in_doubt", [])


def test_the_answer_that_was_lost_leaves_a_mail_in_doubt(sink, monkeypatch):
    def lost(carrier, content):
        carrier.backend.connection.send(content)
        carrier.backend.connection.getreply()
        raise InDoubt("SMTPServerDisconnected")

    monkeypatch.setattr(SmtpCarrier, "_content", lost)
    mail = send()
    working.work()
    assert (now_of(mail).state, len(sink.mails())) == ("in_doubt", 1)
    reconciling.reconcile(grace=timedelta(0))
    assert now_of(mail).state == "sent"


def test_what_the_sink_has_was_sent_and_what_it_has_not_asks_somebody(sink, rep):
    there, absent = send(), doubtful()
    working.work()
    OutgoingMail.objects.filter(pk=there.pk).update(state="in_doubt", sent_at=None)
    assert reconciling.reconcile(grace=timedelta(0)) == {
        "found": 1,
        "not found": 1,
        "looked at": ["the development sink"],
    }
    assert (now_of(there).state, now_of(absent).state) == ("sent", "in_doubt")
    assert now_of(absent).asks and now_of(absent).looked_at
    reconciling.reconcile(grace=timedelta(0))
    assert absent.notes.filter(text__startswith="Not found").count() == 1

    assert mailing.send_again(absent, by=rep)
    working.work()
    assert not mailing.send_again(absent, by=rep), "what is settled stays settled"
    assert now_of(absent).state == "sent"
    assert [mail["Message-ID"] for mail in sink.mails()] == [there.message_id, absent.message_id]


def test_left_as_it_is_it_asks_no_more(rep):
    mail = doubtful()
    mailing.leave(mail, by=rep)
    assert (now_of(mail).state, now_of(mail).asks) == ("in_doubt", False)


def test_a_moment_is_left_to_the_server_to_put_away_what_it_got(sink):
    mail = doubtful()
    OutgoingMail.objects.filter(pk=mail.pk).update(sending_at=timezone.now())
    assert reconciling.reconcile()["not found"] == 0
    assert now_of(mail).looked_at is None


def test_a_place_that_is_away_says_nothing(settings):
    mail = doubtful()
    with nobody_listens() as port:
        settings.EMAIL_SENT_URL = f"imap://me:secret@127.0.0.1:{port}/Sent"
        assert reconciling.reconcile() == {"found": 0, "not found": 0, "looked at": []}
    assert now_of(mail).looked_at is None


def test_the_folder_of_sent_mail_is_looked_into_by_imap(settings):
    demo = ("--demo-data", "--demo-user", "me@firm.example", "--demo-password", "s/cret")
    with imap_server(*demo) as port:
        settings.EMAIL_SENT_URL = f"imap://me%40firm.example:s%2Fcret@127.0.0.1:{port}/Sent"
        there, absent = doubtful(), doubtful()
        with MailBoxUnencrypted("127.0.0.1", port).login("me@firm.example", "s/cret", "Sent") as box:
            box.append(f"Message-ID: {there.message_id}\r\nSubject: x\r\n\r\nHello".encode(), "Sent")
        said = io.StringIO()
        call_command("reconcile_mail", "--grace", "0", stdout=said)
    assert "Found: 1; not found: 1" in said.getvalue()
    assert f"in doubt: {absent.message_id} to ngozi@mail.example" in said.getvalue()
    assert "Found: Sent" in there.notes.values_list("text", flat=True)
    assert (now_of(there).state, now_of(absent).state) == ("sent", "in_doubt")


def test_a_provider_that_reports_a_delivery_settles_a_doubt():
    mail = doubtful()
    assert mailing.reported(message_id=mail.message_id.strip("<>"), delivered=True, said="delivered").pk == mail.pk
    assert now_of(mail).state == "sent"
    assert mailing.reported(message_id="<else@where>", delivered=True) is None
