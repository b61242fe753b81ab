"""From asking for a mail to the server's answer, at a real server."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import parseaddr
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from crm import jobs, mailing
from crm.mailing import sending, working
from crm.mailing.rows import MailFile, MailNote, MailTemplate, OutgoingMail, Suppression

pytestmark = pytest.mark.django_db
TO = "Ngozi Okonkwo <ngozi@mail.example>"


def send(**changes):
    return mailing.send(**{"to": TO, "subject": "The offer", "text": "Here it is.", **changes})


def said(got, kind):
    """Return a part of a mail that arrived, its lines as Python has them."""
    return got.get_body((kind,)).get_content().replace("\r\n", "\n")


def now_of(mail):
    return OutgoingMail.objects.get(pk=mail.pk)


def test_a_mail_arrives_once_and_says_so(sink):
    mail = send()
    assert now_of(mail).state == "waiting"
    assert jobs.work_off() == 1
    [got] = sink.mails()
    assert (got["Subject"], got["Message-ID"], got["X-Envelope-To"]) == (
        "The offer",
        mail.message_id,
        "ngozi@mail.example",
    )
    assert said(got, "plain").startswith("Here it is.")
    assert "Here it is." in said(got, "html")
    mail = now_of(mail)
    assert (mail.state, mail.tries, mail.answer) == ("sent", 1, "250 2.0.0 Kept")
    assert [note.state for note in mail.notes.order_by("pk")] == ["waiting", "sent"]
    working.work()
    assert len(sink.mails()) == 1


def test_nothing_is_asked_for_where_the_transaction_fails(sink):
    with pytest.raises(RuntimeError), transaction.atomic():
        send()
        raise RuntimeError
    assert working.work()[0] == 0
    assert not jobs.Job.objects.exists()


def test_one_key_is_one_mail_for_ever(sink):
    first = send(key="quote-7")
    assert send(key="quote-7", subject="Another").pk == first.pk
    working.work()
    assert send(key="quote-7").pk == first.pk
    working.work()
    assert len(sink.mails()) == 1


def test_many_mails_ask_for_one_job():
    for number in range(5):
        send(to=f"a{number}@mail.example")
    assert jobs.Job.objects.filter(kind="crm.send_mails").count() == 1


def test_a_mail_for_later_waits(sink):
    mail = send(after=timedelta(hours=1))
    assert working.work()[0] == 0
    OutgoingMail.objects.filter(pk=mail.pk).update(run_after=timezone.now())
    assert working.work()[0] == 1


def test_a_mail_that_came_too_late_to_be_of_use_is_not_sent(sink):
    mail = send(until=timezone.now() - timedelta(minutes=1))
    working.work()
    assert (now_of(mail).state, now_of(mail).reason) == ("refused", "late")
    assert sink.mails() == []


def test_the_urgent_goes_first(sink):
    for purpose in ("marketing", "notification", "transactional"):
        send(purpose=purpose, to=f"{purpose}@mail.example")
    working.work()
    assert [mail["To"].partition("@")[0] for mail in sink.mails()] == ["transactional", "notification", "marketing"]


# Who gets no mail


@pytest.mark.parametrize(
    ("scope", "purpose", "arrives"),
    [
        ("everything", "transactional", False),
        ("everything", "marketing", False),
        ("marketing", "transactional", True),
        ("marketing", "notification", True),
        ("marketing", "marketing", False),
    ],
)
def test_a_suppression_holds_from_the_moment_it_is_known(sink, scope, purpose, arrives):
    mail = send(purpose=purpose, to="Ngozi <NGOZI@Mail.Example>")
    mailing.suppress("ngozi@mail.example", scope=scope, reason="by_hand", source="She rang.")
    working.work()
    assert len(sink.mails()) == arrives
    assert now_of(mail).state == ("sent" if arrives else "refused")
    assert now_of(mail).reason == ("" if arrives else "suppressed")


def test_a_suppression_that_was_ended_holds_no_more_and_stays_as_evidence(sink, rep):
    suppression = mailing.suppress("ngozi@mail.example", reason="by_hand", source="She rang.")
    assert mailing.suppress("ngozi@mail.example", reason="by_hand", source="Again.").pk == suppression.pk
    mailing.release(suppression, source="She rang again.", by=rep)
    send()
    working.work()
    assert len(sink.mails()) == 1
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("act", ["update", "delete"])
def test_evidence_is_neither_changed_nor_deleted(act):
    suppression = mailing.suppress("ngozi@mail.example", reason="by_hand", source="She rang.")
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        rows = Suppression.objects.filter(pk=suppression.pk)
        rows.update(source="Nobody rang.") if act == "update" else rows.delete()


def test_a_hard_bounce_ends_mail_to_the_address_and_a_soft_one_does_not(sink):
    soft, hard = send(), send()
    working.work()
    assert mailing.bounced(soft.message_id, hard=False, reason="452 Mailbox full").pk == soft.pk
    assert not Suppression.objects.exists()
    for _told in range(2):
        mailing.bounced(hard.message_id.strip("<>"), hard=True, reason="550 5.1.1 No such user")
    assert {now_of(mail).state for mail in (soft, hard)} == {"bounced"}
    assert MailNote.objects.filter(mail=hard, state="bounced").count() == 1
    assert Suppression.objects.get().source == f"{hard.message_id} 550 5.1.1 No such user"
    assert mailing.bounced("<nobody@nowhere.example>", hard=True, reason="") is None
    late = send(purpose="transactional")
    working.work()
    assert now_of(late).reason == "suppressed"


# What may stand in a mail


@pytest.mark.parametrize(
    "to", ["nobody", "a@b@c.example", "", "a@b.example\r\nBcc: x@y.example", "a@b.example\0", "a@localhost"]
)
def test_what_is_no_address_is_refused_at_once(to):
    with pytest.raises(mailing.BadAddress):
        send(to=to)
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hello\r\nBcc: x@y.example"},
        {"subject": "Hello\nthere"},
        {"subject": "x" * 301},
        {"subject": "half \ud800"},
        {"headers": {"References": "<a@b>\r\nBcc: x@y.example"}},
        {"headers": {"Bcc": "x@y.example"}},
        {"reply_to": "a@b.example\nBcc: x@y.example"},
        {"attachments": [("a.txt\r\nX: y", b"", "text/plain")]},
        {"attachments": [("a.txt", b"", "text/plain\r\nX: y")]},
    ],
)
def test_a_head_has_the_lines_we_write_and_no_others(changes):
    with pytest.raises(ValidationError):
        send(**changes)
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize(
    ("to", "subject", "envelope"),
    [
        ('"Ängström, 🦊" <fox@mail.example>', "🦊 Grüße und 你好", "fox@mail.example"),
        ("مريم <maryam@mail.example>", "مرحبا بكم في الشركة", "maryam@mail.example"),
        ("Jörg <joerg@bücher.example>", "Bücher", "joerg@xn--bcher-kva.example"),
        ("Very Long Name " * 10 + "<long@mail.example>", "A subject that is long " * 10, "long@mail.example"),
    ],
)
def test_every_script_arrives_as_it_was_written(sink, to, subject, envelope):
    mail = send(to=to, subject=subject, text=f"{subject}\n\n{'x' * 5000}\n\n.\n..dots\nFrom me\n\0NUL")
    working.work()
    [got] = sink.mails()
    assert now_of(mail).state == "sent"
    assert str(got["Subject"]) == subject.strip()
    assert got["X-Envelope-To"] == envelope
    assert parseaddr(str(got["To"]))[0] == parseaddr(to)[0].strip()
    text = said(got, "plain")
    assert text.startswith(subject.strip())
    assert "x" * 5000 in text and "\n.\n..dots\nFrom me\nNUL" in text
    assert max(len(line) for line in got.as_bytes().split(b"\n")) < 1000


def test_a_local_part_beyond_ascii_is_refused_with_the_reason(sink):
    mail = send(to="jörg@mail.example")
    working.work()
    assert (now_of(mail).state, now_of(mail).reason) == ("refused", "server")
    assert "before the @" in now_of(mail).answer
    assert sink.mails() == []


def test_five_megabytes_arrive_byte_for_byte_and_are_stored_once(sink):
    content = bytes(range(256)) * 20480
    for number in range(2):
        send(to=f"a{number}@mail.example", attachments=[("Über uns 🦊.bin", content, "application/octet-stream")])
    working.work()
    for got in sink.mails():
        [part] = got.iter_attachments()
        assert part.get_filename() == "Über uns 🦊.bin"
        assert part.get_content() == content
    assert MailFile.objects.count() == 1


def test_too_much_is_refused():
    with pytest.raises(mailing.TooLarge):
        send(attachments=[("a", b"x" * (16 * 1024 * 1024), "application/pdf")])
    with pytest.raises(mailing.TooLarge):
        send(attachments=[(f"{number}", b"", "text/plain") for number in range(11)])


def test_a_user_sends_under_their_name_and_is_answered(sink, rep):
    send(by=rep)
    working.work()
    [got] = sink.mails()
    assert str(got["Reply-To"]) == "Ingrid Solheim <rep@firm.example>"
    assert parseaddr(str(got["From"]))[0].startswith("Ingrid Solheim")
    assert got["Auto-Submitted"] is None
    send()
    working.work()
    assert sink.mails()[-1]["Auto-Submitted"] == "auto-generated"


def test_html_of_a_caller_is_cleaned_and_has_a_plain_twin(sink):
    html = '<p onclick="x()">Dear <b>you</b></p><script>alert(1)</script><ul><li>One</li></ul>'
    send(text="", html=html + '<a href="javascript:x">no</a><a href="https://firm.example/">our site</a>')
    working.work()
    [got] = sink.mails()
    shown, text = (said(got, kind) for kind in ("html", "plain"))
    assert "<b>you</b>" in shown and "onclick" not in shown and "<script" not in shown
    assert text.startswith("Dear you\n")
    assert "- One" in text and "our site (https://firm.example/)" in text and "alert" not in text


def test_a_template_is_merged_for_its_sender(sink, rep):
    template = MailTemplate.objects.create(
        user=rep,
        name="Hello",
        subject="From {{ sender.name }}",
        body="Dear {{ person.given_name | friend }},\n\n{{ 7*7 }}",
    )
    send(template=template, by=rep)
    working.work()
    [got] = sink.mails()
    assert str(got["Subject"]) == "From Ingrid Solheim"
    assert said(got, "plain").startswith("Dear friend,\n")
    assert "49" not in said(got, "plain")


def test_what_nobody_registered_is_refused_at_once_and_waits_for_nobody():
    for changes in ({"provider": "pigeon"}, {"composed_by": "example.nobody"}):
        with pytest.raises(LookupError):
            send(**changes)
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("fault", [TypeError("an argument more"), AttributeError("gone"), RuntimeError("no")])
def test_a_mail_that_cannot_be_written_holds_up_no_other(sink, monkeypatch, fault):
    def write():
        raise fault

    monkeypatch.setitem(sending._composers, "example.broken", write)
    broken, whole = send(composed_by="example.broken"), send()
    working.work()
    assert (now_of(broken).state, now_of(broken).reason) == ("refused", "content")
    assert now_of(whole).state == "sent"


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_for_one_effect_at_once_get_one_mail():
    start = Barrier(5)

    def ask(_asker):
        try:
            start.wait()
            return send(key="quote-9").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert len(set(pool.map(ask, range(5)))) == 1
    assert OutgoingMail.objects.count() == 1
    assert MailNote.objects.count() == 1
