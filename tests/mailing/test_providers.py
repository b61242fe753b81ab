"""Other ways out than SMTP, and how fast they are used: an HTTP provider on loopback, limits over all workers."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest
from aiosmtpd.smtp import SMTP
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.db import connection
from django.utils import timezone

from crm import environment, mailing
from crm.mailing import outcomes, providers, working
from crm.mailing.providers import Limit, Provider, limits_of
from crm.mailing.rows import MailProvider, OutgoingMail, Suppression
from tests.platform.sites import nobody_listens

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def postmark(*answers):
    """Run an HTTP server that answers as Postmark does, one after the other; gives (URL, what it got)."""
    got, left = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            assert self.headers["X-Postmark-Server-Token"] == "Ab-Token"
            answer = left.pop(0) if left else ok(len(got), got[-1]["To"])
            if answer is None:
                self.connection.close()  # took it, and said nothing
                return
            status, body = answer
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", got
    finally:
        server.shutdown()
        server.server_close()


def ok(number, to):
    return 200, {"ErrorCode": 0, "Message": "OK", "MessageID": f"id-{number}", "To": to}


def goes_by(settings, url, tmp_path):
    for name, value in environment.email(f"postmark://Ab-Token@?url={url}", tmp_path).items():
        setattr(settings, name, value)


def send(to="Ngozi <ngozi@mail.example>", **changes):
    return mailing.send(**{"to": to, "subject": "The offer", "text": "Here it is.", **changes})


def now_of(mail):
    return OutgoingMail.objects.get(pk=mail.pk)


def test_an_http_provider_gets_the_mail_and_its_id_is_kept(settings, tmp_path):
    with postmark() as (url, got):
        goes_by(settings, url, tmp_path)
        mail = send(attachments=[("a.txt", b"hello", "text/plain")])
        working.work()
    assert (now_of(mail).state, now_of(mail).provider_id) == ("sent", "id-1")
    [body] = got
    assert (body["To"], body["Subject"]) == ("Ngozi <ngozi@mail.example>", "The offer")
    assert {"Name": "Message-ID", "Value": mail.message_id} in body["Headers"]
    assert body["TextBody"].startswith("Here it is.") and "Here it is." in body["HtmlBody"]
    assert mailing.bounced("", provider_id="id-1", hard=True, reason="HardBounce").pk == mail.pk
    assert Suppression.objects.get().address_key == "ngozi@mail.example"


@pytest.mark.parametrize(
    ("answer", "state", "tries"),
    [
        ((422, {"ErrorCode": 300, "Message": "Invalid 'From' address"}), "refused", 1),
        ((429, {"ErrorCode": 429, "Message": "Slow down"}), "waiting", 1),
        ((503, {"ErrorCode": 100, "Message": "Maintenance"}), "waiting", 1),
        ((500, {"ErrorCode": 1, "Message": "Oops"}), "in_doubt", 1),
        ((401, {"ErrorCode": 10, "Message": "Bad token"}), "waiting", 0),
        (None, "in_doubt", 1),
    ],
)
def test_what_an_http_provider_says_is_told_apart(settings, tmp_path, answer, state, tries):
    with postmark(answer) as (url, got):
        goes_by(settings, url, tmp_path)
        mail = send()
        working.work()
        working.work()
    assert len(got) == 1, "nothing is tried again at once"
    assert (now_of(mail).state, now_of(mail).tries) == (state, tries)


def test_a_provider_that_is_not_there_is_left_alone_and_costs_no_mail_a_try(settings, tmp_path):
    mails = [send(to=f"a{number}@mail.example") for number in range(3)]
    with nobody_listens() as port:
        goes_by(settings, f"http://127.0.0.1:{port}/", tmp_path)
        _number, onward = working.work()
    row = MailProvider.objects.get()
    assert (row.failures, [now_of(mail).tries for mail in mails]) == (1, [0, 0, 0])
    assert {now_of(mail).state for mail in mails} == {"waiting"}
    assert onward == row.paused_until > row.failing_since
    MailProvider.objects.update(paused_until=timezone.now() + timedelta(hours=1))
    with postmark() as (url, got):
        goes_by(settings, url, tmp_path)
        assert working.work()[0] == 0, "it is still left alone"
        MailProvider.objects.update(paused_until=timezone.now())
        working.work()
        assert len(got) == 3
    assert MailProvider.objects.get().failures == 0


def test_a_mail_server_that_is_not_there_marks_nothing_as_being_sent(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    mail = send()
    with nobody_listens() as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        working.work()
    assert (now_of(mail).state, now_of(mail).sending_at) == ("waiting", None)
    assert MailProvider.objects.get().failures == 1


# What a mail server says, command by command


class Saying:
    """aiosmtpd's handler: answers one command with words of its own."""

    def __init__(self, command, words):
        self.command, self.words, self.taken = command, words, []

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.words if self.command == "MAIL" else "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return self.words if self.command == "RCPT" else "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.taken.append(envelope.rcpt_tos)
        return self.words if self.command == "DATA" else "250 OK"


@contextmanager
def smtp_server(handler):
    """Run aiosmtpd in a thread; gives its port."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


@pytest.mark.parametrize(
    ("command", "words", "state", "tries", "paused", "suppressed"),
    [
        ("MAIL", "530 5.7.0 Sign in first", "waiting", 0, True, False),
        ("MAIL", "550 5.7.1 We do not know your sender", "waiting", 0, True, False),
        ("MAIL", "552 5.3.4 Too large", "refused", 1, False, False),
        ("MAIL", "451 4.3.0 Not now", "waiting", 1, False, False),
        ("RCPT", "450 4.7.1 Greylisted", "waiting", 1, False, False),
        ("RCPT", "421 4.3.2 Going down", "waiting", 0, True, False),
        ("RCPT", "550 5.7.1 Refused as spam", "refused", 1, False, False),
        ("RCPT", "550 5.1.1 No such user", "refused", 1, False, True),
        ("DATA", "452 4.2.2 Mailbox full", "waiting", 1, False, False),
        ("DATA", "554 5.7.1 Refused as spam", "refused", 1, False, False),
        ("DATA", "250 2.0.0 Queued as 7", "sent", 1, False, False),
    ],
)
def test_what_a_mail_server_says_is_told_apart(settings, command, words, state, tries, paused, suppressed):
    handler = Saying(command, words)
    with smtp_server(handler) as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        mail = send()
        working.work()
    mail = now_of(mail)
    assert (mail.state, mail.tries, mail.answer) == (state, tries, words)
    assert MailProvider.objects.filter(paused_until__isnull=False).exists() is paused
    assert Suppression.objects.exists() is suppressed
    if state == "waiting" and not paused:
        waits, handling = mail.run_after - mail.sending_at, timezone.now() - mail.sending_at
        assert timedelta(seconds=30) <= waits <= timedelta(seconds=90) + handling


# How fast


def test_limits_are_read_from_words():
    assert limits_of("5/s, 100/m,2000/d") == (
        Limit(5, timedelta(seconds=1)),
        Limit(100, timedelta(minutes=1)),
        Limit(2000, timedelta(days=1)),
    )
    assert limits_of("") == ()
    for words in ("5", "0/s", "x/s", "5/y", "-1/s"):
        with pytest.raises(ImproperlyConfigured):
            limits_of(words)


def test_a_limit_holds_over_several_workers_in_every_stretch_of_time(settings):
    """Two threads with connections of their own take 30 mails at ten in half a second."""
    limit = Limit(10, timedelta(seconds=0.5))
    providers.register(Provider("slow", get_connection, (limit,)))
    try:
        for number in range(30):
            send(to=f"a{number}@mail.example", provider="slow")
        started = time.monotonic()
        threads = [threading.Thread(target=_work_in_a_thread) for _ in range(2)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert time.monotonic() - started >= 1
    finally:
        providers.unregister("slow")
    moments = sorted(OutgoingMail.objects.filter(state="sent").values_list("sending_at", flat=True))
    assert len(moments) == 30
    assert all(later - first >= limit.period for first, later in zip(moments, moments[10:], strict=False))
    turns = sorted(OutgoingMail.objects.values_list("turn", flat=True))
    assert all(later - first == 1 for first, later in pairwise(turns))


def _work_in_a_thread():
    try:
        working.work(seconds=20)
    finally:
        connection.close()


def test_a_day_that_is_full_says_when_to_go_on(settings):
    settings.EMAIL_LIMITS = "2/d"
    for number in range(3):
        send(to=f"a{number}@mail.example")
    number, onward = working.work()
    assert number == 2
    assert timedelta(hours=23) < onward - timezone.now() <= timedelta(days=1)


def test_back_off_grows_has_jitter_and_ends():
    waits = [[outcomes.spread(60, times, 4 * 3600).total_seconds() for _ in range(50)] for times in range(12)]
    for times, found in enumerate(waits):
        middle = min(4 * 3600, 60 * 2**times)
        assert all(0.5 * middle <= wait <= 1.5 * middle for wait in found)
        assert len(set(found)) > 10
    assert outcomes.spread(60, 10_000, 4 * 3600) <= timedelta(hours=6)


def test_after_a_dozen_tries_a_mail_is_given_up(settings, tmp_path):
    with postmark((429, {"ErrorCode": 429, "Message": "Slow down"})) as (url, _got):
        goes_by(settings, url, tmp_path)
        mail = send()
        OutgoingMail.objects.filter(pk=mail.pk).update(tries=outcomes.MOST_TRIES - 1)
        working.work()
    assert (now_of(mail).state, now_of(mail).reason) == ("refused", "tries")
