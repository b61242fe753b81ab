"""A mail that comes in is stored once, read, judged, threaded, and logged to whom it is from or to."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm import jobs, receiving, tokens
from crm.jobs import Job
from crm.models import RawMail, ReceivedMail
from crm.receiving import addresses, registry, working
from crm.receiving.rows import Delivery, DropBox, ThreadMessage
from interactions.models import Interaction, MailLog, Participation
from tests.factories import contacts, crm
from tests.mail_in.conftest import done, mailbox, written
from tests.mail_in.hostile import mail as raw_mail
from tests.mail_in.hostile import with_file

pytestmark = pytest.mark.django_db


def take(raw, **where):
    """Take a mail in and do what follows; return it as it stands then."""
    taken = receiving.take(raw, **{"came_by": "smtp", **where})
    done()
    return ReceivedMail.objects.get(pk=taken.pk)


def talks():
    return list(Interaction.objects.unscoped(because="a test looks").order_by("pk"))


# Stored once


def test_the_same_mail_by_smtp_and_imap_is_stored_once(rep, own_mailbox):
    fetched_from = mailbox(rep, way="imap", host="imap.firm.example", username="i")
    raw = written()
    first = take(raw, envelope_to=[own_mailbox.address])
    traced = b"Received: from a by b\r\nDelivered-To: x@y.example\r\n" + raw.replace(b"\n", b"\r\n")
    again = take(traced, came_by="imap", mailbox=fetched_from)
    assert first.pk == again.pk
    assert RawMail.objects.count() == 1
    assert bytes(RawMail.objects.get().content) == raw
    assert {delivery.came_by for delivery in first.deliveries.all()} == {"smtp", "imap"}


def test_the_same_mail_twice_by_the_same_way_changes_nothing(own_mailbox):
    raw = written()
    for _time in range(3):
        take(raw, envelope_to=[own_mailbox.address])
    assert (ReceivedMail.objects.count(), Delivery.objects.count()) == (1, 1)
    assert Job.objects.filter(kind="crm.read_mail").count() == 1


def test_another_mail_under_the_same_message_id_is_kept_apart_and_told(own_mailbox):
    first = take(written(Message_ID="<a@b.example>"), envelope_to=[own_mailbox.address])
    second = take(written(Message_ID="<a@b.example>", text="Pay here instead"), envelope_to=[own_mailbox.address])
    assert (first.repeats_id, second.repeats_id) == (False, True)
    assert first.thread != second.thread


def test_a_mail_that_is_too_big_leaves_its_beginning_and_is_set_aside(own_mailbox):
    found = take(written() + b"x" * 100_000, mailbox=own_mailbox, came_by="imap", size=40 * 1024 * 1024)
    assert (found.state, found.reason) == ("quarantined", "too_big")
    assert len(found.raw.content) == 64 * 1024
    assert not working.release(found)


# Logged


def test_a_mail_is_logged_to_whom_it_is_from_private_to_whose_mailbox_it_is(rep, own_mailbox, customer):
    found = take(
        written(text="Yes.\n\nOn Sat, Ingrid <i@firm.example> wrote:\n> Really?\n"), envelope_to=[own_mailbox.address]
    )
    [talk] = talks()
    assert (talk.kind, talk.direction, talk.subject, talk.body) == ("email", "in", "The offer", "Yes.")
    assert talk.is_private
    assert talk.owner == rep
    assert talk.at == datetime(2024, 11, 21, 8, 30, tzinfo=UTC)
    rows = Participation.objects.of(talk).values_list("person", "company")
    assert set(rows) == {(customer.pk, None), (None, customer.company_id)}
    assert (found.state, found.handled_by) == ("handled", "log")


def test_what_comes_to_a_shared_mailbox_is_for_all_who_see_the_person(rep, customer):
    shared = mailbox(rep, is_shared=True)
    teammate = crm.user("Mate", team=rep.team)
    found = take(written(), envelope_to=[shared.address])
    assert Interaction.objects.visible_to(teammate).count() == 1
    assert ReceivedMail.objects.visible_to(teammate).get() == found
    assert not ReceivedMail.objects.visible_to(crm.user("Stranger", team=crm.team("Away"))).exists()


def test_who_is_hidden_from_whose_mailbox_it_is_is_not_found(own_mailbox):
    other = crm.user("Other", team=crm.team("Abroad"))
    contacts.person(other, given_name="Ngozi", family_name="Hidden", emails=["ngozi@mail.example"])
    found = take(written(), envelope_to=[own_mailbox.address])
    assert (found.state, talks()) == ("parsed", [])


def test_whose_role_may_not_know_addresses_finds_nobody_by_them(own_mailbox, rep, customer):
    rep.role.field_rights.create(kind="contacts.person", field="emails", right="hidden")
    assert take(written(), envelope_to=[own_mailbox.address]).state == "parsed"


def test_what_one_sends_from_ones_own_mailbox_is_outgoing(rep, customer):
    sent = mailbox(rep, way="imap", host="x", username="x", folder="Sent", address="ingrid@firm.example")
    take(written(sender="Ingrid <ingrid@firm.example>", To="ngozi@mail.example"), came_by="imap", mailbox=sent)
    assert [talk.direction for talk in talks()] == ["out"]


def test_a_mail_to_a_shared_mailbox_under_a_colleagues_name_is_not_told_as_sent(rep, customer):
    shared = mailbox(rep, is_shared=True, address="sales@firm.example")
    take(written(sender=f"Ingrid <{rep.email}>", Cc="ngozi@mail.example"), envelope_to=[shared.address])
    assert [talk.direction for talk in talks()] == ["in"]


def test_a_copy_to_the_drop_box_is_logged_as_sent_by_its_user(rep, customer):
    address = receiving.dropbox_address(rep)
    take(
        written(sender=rep.email, To="ngozi@mail.example"),
        envelope_to=[address.upper().replace("LOCALHOST", "localhost")],
    )
    [talk] = talks()
    assert (talk.direction, talk.owner, talk.is_private) == ("out", rep, True)


def test_two_owners_of_mailboxes_log_the_same_mail_each_for_themselves(rep, customer):
    mate = crm.user("Mate", team=rep.team)
    boxes = [mailbox(rep), mailbox(mate)]
    take(written(), envelope_to=[box.address for box in boxes])
    assert {talk.owner for talk in talks()} == {rep, mate}
    assert RawMail.objects.count() == 1


def test_two_shared_mailboxes_log_a_mail_once(rep, customer):
    boxes = [mailbox(rep, is_shared=True), mailbox(crm.user("Mate", team=rep.team), is_shared=True)]
    take(written(), envelope_to=[box.address for box in boxes])
    assert len(talks()) == 1


def test_a_person_made_since_is_found_when_asked_again_and_only_once(rep, own_mailbox):
    found = take(written(), envelope_to=[own_mailbox.address])
    assert found.state == "parsed"
    contacts.person(rep, given_name="Ngozi", emails=["ngozi@mail.example"])
    for _time in range(2):
        working.ask_again(found)
        done()
    assert len(talks()) == 1
    assert MailLog.objects.get().mail == found


def test_who_has_left_logs_nothing(rep, own_mailbox, customer):
    type(rep).objects.filter(pk=rep.pk).update(is_active=False)
    assert take(written(), envelope_to=[own_mailbox.address]).state == "parsed"


@pytest.mark.parametrize("subject", [None, "", "x" * 400, "Pris på 🦌 ‮gnp.exe", "שלום"])
def test_any_subject_and_no_text_can_be_logged(own_mailbox, customer, subject):
    assert take(written(Subject=subject, text="\n"), envelope_to=[own_mailbox.address]).state == "handled"


def test_a_very_long_text_is_logged_as_far_as_it_fits(own_mailbox, customer):
    take(written(text="All about prices. " * 9000), envelope_to=[own_mailbox.address])
    assert talks()[0].body.endswith("…")


def test_a_date_from_the_future_is_the_time_it_came(own_mailbox, customer):
    found = take(written(Date="Fri, 31 Dec 2199 23:59:59 +0000"), envelope_to=[own_mailbox.address])
    assert found.date == found.received_at


# Threads


def test_an_answer_joins_the_thread_of_what_it_refers_to(own_mailbox):
    first = take(written(Message_ID="<1@a.example>"), envelope_to=[own_mailbox.address])
    answer = take(written(In_Reply_To="<1@a.example>", Subject="Else"), envelope_to=[own_mailbox.address])
    stranger = take(written(Subject="Re: The offer"), envelope_to=[own_mailbox.address])
    assert first.thread == answer.thread != stranger.thread


def test_an_answer_that_comes_first_waits_in_the_thread(own_mailbox):
    answer = take(written(References="<0@a.example> <1@a.example>"), envelope_to=[own_mailbox.address])
    first = take(written(Message_ID="<1@a.example>"), envelope_to=[own_mailbox.address])
    assert first.thread == answer.thread


def test_references_in_a_circle_end(own_mailbox):
    mails = [
        take(
            written(Message_ID=f"<{n}@c.example>", References=f"<{(n + 1) % 3}@c.example>"),
            envelope_to=[own_mailbox.address],
        )
        for n in range(3)
    ]
    assert len({mail.thread for mail in mails}) == 1


def test_an_answer_to_a_signed_address_is_in_its_thread_and_its_owners(rep, customer):
    thread = receiving.thread_about(customer, owner=rep)
    assert receiving.thread_about(customer, owner=rep) == thread
    found = take(written(), envelope_to=[receiving.reply_address(thread)])
    assert found.thread == thread
    assert talks()[0].owner == rep


@pytest.mark.parametrize("change", ["another thread", "another signature", "another purpose", "no signature", "ended"])
def test_a_forged_address_leads_nowhere_and_the_mail_is_set_aside(rep, customer, change):
    thread = receiving.thread_about(customer, owner=rep)
    address = receiving.reply_address(thread)
    other = receiving.thread_about(contacts.person(rep), owner=rep)
    forged = {
        "another thread": address.replace(f"reply+{thread.pk}-", f"reply+{other.pk}-"),
        "another signature": address.replace("-", "-" + "a" if address.split("-")[1][0] != "a" else "-b", 1),
        "another purpose": f"dropbox+{rep.pk}.1-{tokens.signature('receiving.reply', f'{rep.pk}.1')}@localhost",
        "no signature": "reply+anything@localhost",
        "ended": receiving.dropbox_address(rep),
    }[change]
    addresses.renew_dropbox(rep)
    found = take(written(sender=rep.email), envelope_to=[forged])
    assert (found.state, found.reason) == ("quarantined", "forged_address")
    assert (talks(), found.thread) == ([], None)


def test_a_signature_by_a_former_key_still_holds(rep, customer, settings):
    address = receiving.reply_address(receiving.thread_about(customer, owner=rep))
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key, long enough to be one"
    assert take(written(), envelope_to=[address]).state == "handled"


def test_the_drop_box_takes_mail_from_its_user_alone(rep, customer):
    found = take(
        written(sender="mallory@evil.example", To="ngozi@mail.example"), envelope_to=[receiving.dropbox_address(rep)]
    )
    assert (found.state, found.reason) == ("quarantined", "forged_address")


def test_a_signed_address_named_in_a_fetched_mail_counts_too(rep, customer):
    thread = receiving.thread_about(customer, owner=rep)
    everybodys = mailbox(crm.user("Office"), way="imap", host="x", username="x")
    found = take(written(Delivered_To=receiving.reply_address(thread)), came_by="imap", mailbox=everybodys)
    assert found.thread == thread
    assert [talk.owner for talk in talks()] == [rep]


# Set aside


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        ("auto_reply", {"Auto_Submitted": "auto-replied (vacation)"}),
        ("loop", {"X_Loop": "LOCALHOST"}),
        ("too_many_hops", {"Received": "a\r\n" + "Received: b\r\n" * 60 + "X-End: 1"}),
        ("robot", {"From": "Cornerstone <no-reply@localhost>"}),
        ("robot", {"From": "reply+1-abc@localhost"}),
        ("own_mail", {"Message_ID": "<sent@localhost>"}),
    ],
)
def test_what_loops_is_set_aside(own_mailbox, reason, fields):
    receiving.note_sent("<sent@localhost>")
    found = take(raw_mail(1, **fields), envelope_to=[own_mailbox.address])
    assert (found.state, found.reason) == ("quarantined", reason)


def test_what_a_machine_wrote_is_logged_but_known_as_such(own_mailbox, customer):
    found = take(written(Auto_Submitted="auto-generated"), envelope_to=[own_mailbox.address])
    assert (found.state, found.is_automatic) == ("handled", True)


def test_a_dangerous_file_sets_the_mail_aside_until_somebody_releases_it(own_mailbox, customer):
    raw = with_file(1, "offer.pdf.exe", b"MZ", From="ngozi@mail.example")
    found = take(raw, envelope_to=[own_mailbox.address])
    assert (found.state, found.reason) == ("quarantined", "dangerous_file")
    assert working.release(found)
    assert not working.release(found)
    done()
    found.refresh_from_db()
    assert found.state == "handled"
    assert not found.attachments.get().is_given_out


def test_what_came_to_a_forged_address_can_be_read_once_it_is_released_and_no_handler_gets_it(rep, customer):
    administrator = crm.user("Ada", role="administrator")
    found = take(written(), envelope_to=["reply+anything@localhost"])
    assert found.reason == "forged_address"
    assert working.release(found)
    done()
    found.refresh_from_db()
    assert (found.state, found.text.strip(), talks()) == ("parsed", "Could you send the offer?", [])
    assert ReceivedMail.objects.visible_to(administrator).get() == found
    assert not ReceivedMail.objects.visible_to(rep).exists()


def test_a_flood_from_one_sender_is_stopped_but_not_what_is_fetched(rep, own_mailbox, settings):
    settings.RECEIVE_MAIL_HOURLY = 3
    states = [take(written(), envelope_to=[own_mailbox.address]).reason for _mail in range(5)]
    assert states == ["", "", "", "too_many_in_an_hour", "too_many_in_an_hour"]
    fetched = mailbox(rep, way="imap", host="x", username="x")
    assert take(written(), came_by="imap", mailbox=fetched).reason == ""


def test_what_is_deleted_stays_away_and_says_nothing_more(own_mailbox):
    raw = with_file(1, "a.exe", b"MZ")
    found = take(raw, envelope_to=[own_mailbox.address])
    working.erase(found)
    again = take(raw, envelope_to=[own_mailbox.address])
    assert (again.pk, again.state, again.subject) == (found.pk, "deleted", "")
    assert bytes(again.raw.content) == b""
    assert not again.attachments.exists()


# Handlers and bounces


@pytest.fixture
def registered():
    """What a test registers is gone after it."""
    kept, bounced = list(registry._handlers), dict(registry._bounced)
    yield
    registry._handlers[:] = kept
    registry._bounced.clear()
    registry._bounced.update(bounced)


def test_the_first_handler_that_takes_a_mail_has_it(registered, own_mailbox, customer):
    asked = []
    receiving.handler("late", order=200)(lambda mail, delivery: asked.append("late"))
    receiving.handler("early", order=1)(lambda mail, delivery: asked.append("early"))
    receiving.handler("tickets", order=50)(lambda mail, delivery: mail.subject == "The offer")
    assert take(written(), envelope_to=[own_mailbox.address]).handled_by == "tickets"
    assert asked == ["early"]
    assert talks() == []


def test_a_handler_that_fails_leaves_no_half_and_is_tried_again_then_the_mail_is_set_aside(
    registered, own_mailbox, customer
):
    @receiving.handler("half", order=1)
    def half(mail, delivery):
        ThreadMessage.objects.create(message_id=f"half {mail.pk}", thread=mail.thread)
        raise RuntimeError("no")

    found = take(written(), envelope_to=[own_mailbox.address])
    for attempt in range(2, 6):
        assert found.state == "parsed"
        assert found.tries == attempt - 1
        Job.objects.update(run_after=timezone.now() - timedelta(seconds=1))
        done()
        found.refresh_from_db()
    assert (found.state, found.reason) == ("quarantined", "not_handled")
    assert not ThreadMessage.objects.filter(message_id__startswith="half").exists()


REPORT = (
    b"--b\r\nContent-Type: text/plain\r\n\r\nCould not deliver.\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.x.example\r\n\r\n"
    b"Final-Recipient: rfc822; a@x.example\r\nAction: %s\r\nStatus: %s\r\nDiagnostic-Code: smtp; 550 no such user\r\n"
    b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\nMessage-ID: <sent@localhost>\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("action", "status", "told"),
    [
        (b"failed", b"5.1.1", [("sent@localhost", True)]),
        (b"failed", b"4.4.7", [("sent@localhost", False)]),
        (b"delayed", b"4.4.7", []),
    ],
)
def test_a_bounce_is_told_to_who_sent_the_mail(registered, own_mailbox, action, status, told):
    heard = []

    @receiving.bounce_handler("mailing")
    def bounced(message_id, *, hard, reason):
        heard.append((message_id, hard))
        assert reason == "smtp; 550 no such user"
        return True

    raw = raw_mail(1, REPORT % (action, status), From="MAILER-DAEMON@mx.x.example", Auto_Submitted="auto-replied",
                   Content_Type="multipart/report; report-type=delivery-status; boundary=b")  # fmt: skip
    found = take(raw, envelope_to=[own_mailbox.address])
    assert heard == told
    assert found.handled_by == ("bounce" if told else "")


def test_a_job_that_was_given_up_is_asked_for_again(own_mailbox):
    mail = receiving.take(written(), came_by="smtp", envelope_to=[own_mailbox.address])
    Job.objects.update(state="dead")
    mail.deliveries.update(at=timezone.now() - timedelta(hours=1))
    jobs.enqueue("crm.find_waiting_mail")
    done()
    mail.refresh_from_db()
    assert mail.state == "parsed"


def test_a_new_drop_box_ends_the_old_address(rep):
    before = receiving.dropbox_address(rep)
    addresses.renew_dropbox(rep)
    assert receiving.dropbox_address(rep) != before
    assert addresses.signed_destination(before).is_forged
    assert DropBox.objects.get().number == 2
