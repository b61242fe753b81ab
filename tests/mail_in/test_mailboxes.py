"""Mailboxes fetched from a real IMAP server on loopback, as a program of other make."""

import base64
import random
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from celery import Celery
from django.test import override_settings
from django.utils import timezone
from imap_tools import MailBoxUnencrypted

from crm import jobs, receiving
from crm.accounts.sealing import sealed
from crm.environment import celery_url
from crm.jobs import Job
from crm.models import Mailbox, RawMail, ReceivedMail
from crm.receiving import imap, polling
from interactions.models import Interaction
from tests.crm.workers import broker, kill, started_worker, wait_until, worker
from tests.factories import contacts, crm
from tests.mail_in.conftest import done, mailbox, written
from tests.mail_in.servers import PASSWORD, USER, at_imap, environment, imap_server, put
from tests.platform.sites import nobody_listens

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def a_server():
    with imap_server() as port:
        yield port


@pytest.fixture
def server(a_server, settings):
    """The server with an empty mailbox; we are allowed to ask it."""
    settings.MAIL_HOSTS_ALLOWED = ["127.0.0.1"]
    with MailBoxUnencrypted("127.0.0.1", a_server).login(USER, PASSWORD) as box:
        box.delete(list(box.uids()))
        if box.folder.exists("Done"):
            box.folder.delete("Done")
    return a_server


def a_mailbox(port, **fields):
    fields = {"from_start": True, "security": "none", "host": "127.0.0.1", "username": USER, **fields}
    return mailbox(crm.user("Ingrid"), way="imap", port=port, password_sealed=sealed(PASSWORD), **fields)


def fetch(box):
    """Fetch a mailbox now, whenever it would be due."""
    Mailbox.objects.filter(pk=box.pk).update(poll_after=timezone.now())
    number = polling.fetch(box.pk)
    box.refresh_from_db()
    return number


def test_each_mail_is_fetched_once_as_it_stands(server):
    box = a_mailbox(server)
    mails = [written(text=f"Number {number}").replace(b"\n", b"\r\n") for number in range(5)]
    put(server, *mails[:3])
    assert fetch(box) == 3
    put(server, *mails[3:])
    assert [fetch(box), fetch(box)] == [2, 0]
    assert [bytes(raw.content) for raw in RawMail.objects.order_by("pk")] == mails
    assert (box.fetched, box.error) == (5, "")


def test_the_periodic_job_fetches_what_is_due_and_logs_it(server):
    box = a_mailbox(server)
    contacts.person(box.owner, given_name="Ngozi", emails=["ngozi@mail.example"])
    put(server, written())
    for _time in range(2):
        jobs.enqueue("crm.fetch_mailboxes")
        done()
    assert ReceivedMail.objects.get().handled_by == "log"
    assert Job.objects.filter(kind="crm.fetch_mailbox").count() == 1


def test_a_new_mailbox_begins_with_what_comes_from_now_on(server):
    put(server, written(text="Old"))
    box = a_mailbox(server, from_start=False)
    assert fetch(box) == 0
    put(server, written(text="New"))
    assert fetch(box) == 1
    assert b"New" in bytes(RawMail.objects.get().content)


@pytest.mark.parametrize(("after", "seen", "left"), [("leave", 0, 2), ("seen", 2, 2), ("move", 0, 0)])
def test_what_was_fetched_is_left_marked_or_moved(server, after, seen, left):
    box = a_mailbox(server, after=after, move_to="Done")
    with at_imap(server) as connection:
        connection.create("Done")
    put(server, written(), written())
    assert fetch(box) == 2
    with MailBoxUnencrypted("127.0.0.1", server).login(USER, PASSWORD) as seen_from_outside:
        flags = [message.flags for message in seen_from_outside.fetch(mark_seen=False)]
        assert len(flags) == left
        assert sum("\\Seen" in one for one in flags) == seen
        if after == "move":
            assert len(_uids_of(seen_from_outside, "Done")) == 2


def _uids_of(box, folder):
    box.folder.set(folder)
    return box.uids()


def test_a_new_numbering_of_the_folder_fetches_all_again_and_stores_nothing_twice(server):
    box = a_mailbox(server)
    put(server, written(), written())
    assert fetch(box) == 2
    Mailbox.objects.update(uid_validity=1, last_uid=10**9, marked_uid=10**9)
    put(server, written())
    assert fetch(box) == 3
    assert RawMail.objects.count() == 3


def test_a_mail_too_big_to_fetch_is_set_aside_by_its_beginning(server, monkeypatch):
    monkeypatch.setattr("crm.mime.limits.MOST_BYTES", 100_000)
    box = a_mailbox(server)
    put(server, written(text="x\n" * 100_000), written())
    assert fetch(box) == 2
    reasons = list(ReceivedMail.objects.order_by("pk").values_list("reason", flat=True))
    assert reasons == ["too_big", ""]
    assert RawMail.objects.order_by("pk").first().size > 200_000


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"username": "nobody"}, "refuses"),
        ({"folder": "Nowhere"}, "refuses"),
        ({"security": "tls"}, "No safe connection|No connection|does not answer"),
        ({"password_sealed": "junk"}, "password cannot be read"),
        ({"host": "no-such-host.invalid"}, "no server of this name|MAIL_HOSTS_ALLOWED"),
    ],
)
def test_what_goes_wrong_is_told_and_tried_less_often(server, fields, why):
    box = a_mailbox(server)
    Mailbox.objects.update(**fields)
    for failures in (1, 2, 3):
        assert fetch(box) == 0
        assert re.search(why, box.error)
        assert box.failures == failures
    assert box.poll_after > timezone.now() + timedelta(minutes=3)
    assert polling.fetch(box.pk) is None  # not due
    assert box.lease_until is None


def test_a_server_that_is_back_is_fetched_and_the_error_is_gone(server):
    with nobody_listens() as port:
        box = a_mailbox(port)
        assert fetch(box) == 0
    assert "No connection" in box.error
    Mailbox.objects.update(port=server)
    put(server, written())
    assert fetch(box) == 1
    assert (box.error, box.failures) == ("", 0)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "224.0.0.1"),
        *("::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "fe80::1", "fd00::1"),
    ],
)
def test_no_server_in_a_network_that_is_not_public_is_asked(settings, host):
    settings.MAIL_HOSTS_ALLOWED = []
    with pytest.raises(imap.Failure, match="not public"):
        imap.addresses_of(host, 993)


def test_a_network_can_be_allowed(settings):
    settings.MAIL_HOSTS_ALLOWED = ["10.0.0.0/8", "no network"]
    assert imap.addresses_of("10.1.2.3", 993) == "10.1.2.3"


def test_a_password_never_goes_out_unencrypted_to_a_server_that_is_not_named(settings):
    settings.MAIL_HOSTS_ALLOWED = ["127.0.0.0/8"]
    with pytest.raises(imap.Failure, match="Without encryption"), imap.connected(a_mailbox(1), seconds=5):
        pass


def test_a_server_that_announces_too_much_or_says_nothing_is_left(settings, monkeypatch):
    monkeypatch.setattr("crm.receiving.imap.SECONDS", 1)
    settings.MAIL_HOSTS_ALLOWED = ["127.0.0.1"]
    for greeting in (b"", b"* OK {99999999999}\r\n", b"* OK " + b"x" * 2_000_000, b"\xff\0\r\n* OK\r\n"):
        with socket.create_server(("127.0.0.1", 0)) as bad:
            box = a_mailbox(bad.getsockname()[1])
            bad.settimeout(5)
            hostile = subprocess.Popen(  # the listening socket is answered by a process that says its line and waits
                [sys.executable, "-c", f"import socket,time; s=socket.socket(fileno={bad.fileno()}); "
                 f"c,_=s.accept(); c.sendall({greeting[:200]!r} * {max(1, len(greeting) // 200)}); time.sleep(20)"],
                pass_fds=[bad.fileno()],
            )  # fmt: skip
            began = time.monotonic()
            assert fetch(box) == 0
            assert box.error
            assert time.monotonic() - began < 30
            kill_one(hostile)
        Mailbox.objects.all().delete()


@contextmanager
def a_server_that(answers, greeting=b"* OK hello\r\n"):
    """Run a server that says `answers(tag, command)` to each line; gives its port."""

    def serve():
        with suppress(OSError), listening.accept()[0] as said, said.makefile("rb") as asked:
            said.sendall(greeting)
            for line in asked:
                tag, _space, command = line.strip().partition(b" ")
                said.sendall(answers(tag, command))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def obliging(tag, command):
    """Answer as a server does that agrees to everything."""
    if command.startswith(b"CAPABILITY"):
        return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n"
    return tag + b" OK done\r\n"


def test_a_password_that_a_server_repeats_is_shown_to_nobody(settings):
    settings.MAIL_HOSTS_ALLOWED = ["127.0.0.1"]

    def repeating(tag, command):
        return tag + b" NO not like this: " + command + b"\r\n" if b"LOGIN" in command else obliging(tag, command)

    with a_server_that(repeating) as port:
        box = a_mailbox(port)
        assert fetch(box) == 0
    assert "not like this" in box.error
    assert PASSWORD not in box.error


def test_a_server_that_says_more_than_it_was_asked_for_is_left(settings, monkeypatch):
    settings.MAIL_HOSTS_ALLOWED = ["127.0.0.1"]
    monkeypatch.setattr(imap, "MOST_ANSWER", 100_000)

    def talkative(tag, command):
        flood = b"* OK " + b"x" * 1000 + b"\r\n"
        return (flood * 200 if b"SELECT" in command or b"EXAMINE" in command else b"") + obliging(tag, command)

    with a_server_that(talkative) as port:
        box = a_mailbox(port)
        assert fetch(box) == 0
    assert "more than it was asked for" in box.error


def test_a_server_that_says_a_sign_now_and_then_is_left_in_the_end(settings, monkeypatch):
    settings.MAIL_HOSTS_ALLOWED = ["127.0.0.1"]
    monkeypatch.setattr(polling, "JOB_SECONDS", 31)
    heard = []

    def dripping():
        with suppress(OSError), listening.accept()[0] as said:
            for number in range(600):
                said.sendall(b"*")
                heard.append(number)
                time.sleep(0.1)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=dripping, daemon=True)
        thread.start()
        box = a_mailbox(listening.getsockname()[1])
        assert fetch(box) == 0
        thread.join(30)
    assert box.error
    assert len(heard) < 600, "it had its say"


@pytest.mark.parametrize(
    ("username", "password", "asked"),
    [
        ("my user", 'a"b\\c', b'LOGIN "my user" "a\\"b\\\\c"'),
        ("jörg", "geheimß", b"\0j\xc3\xb6rg\0geheim\xc3\x9f"),
        ("x\r\n1 DELETE INBOX", "x", None),
    ],
)
def test_any_user_name_and_password_goes_to_the_server_as_it_is(settings, username, password, asked):
    settings.MAIL_HOSTS_ALLOWED, said, waiting = ["127.0.0.1"], [], []

    def noting(tag, command):
        if waiting:
            said.append(base64.b64decode(tag))
            return waiting.pop() + b" OK done\r\n"
        said.append(command)
        if command.startswith(b"AUTHENTICATE"):
            waiting.append(tag)
            return b"+ \r\n"
        return obliging(tag, command)

    with a_server_that(noting) as port:
        box = a_mailbox(port, username=username)
        Mailbox.objects.update(password_sealed=sealed(password))
        fetch(box)
    assert (asked in said) if asked else not any(b"LOGIN" in line or b"DELETE" in line for line in said)


def kill_one(process):
    process.kill()
    process.wait()


def test_two_pollers_of_one_mailbox_do_not_meet(server):
    box = a_mailbox(server)
    Mailbox.objects.update(lease_until=timezone.now() + timedelta(seconds=30), lease_by="another")
    assert polling.fetch(box.pk) is None
    Mailbox.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert fetch(box) == 0


def test_a_paused_mailbox_is_left_alone(server):
    box = a_mailbox(server, is_paused=True)
    assert polling.fetch(box.pk) is None


POLLER = """
import os, signal, threading, django; django.setup()
from django.utils import timezone
from crm.models import Mailbox
from crm.receiving import polling

timer = threading.Timer({seconds}, os.kill, [os.getpid(), signal.SIGKILL])
stored = polling._stored

def stored_until_killed(*arguments):
    if not timer.ident:
        timer.start()
    return stored(*arguments)

polling._stored = stored_until_killed
while True:
    Mailbox.objects.update(poll_after=timezone.now(), lease_until=None)
    polling.fetch({pk})
"""
"""A poller that is killed so many seconds after it began to store: by itself, so that no busy machine is too late."""


def started_poller(box, seconds):
    settings = environment(DJANGO_SETTINGS_MODULE="crm.settings", MAIL_HOSTS_ALLOWED="127.0.0.1")
    program = POLLER.format(pk=box.pk, seconds=seconds)
    return subprocess.Popen([sys.executable, "-c", program], env=settings, start_new_session=True)


@pytest.mark.long
def test_pollers_killed_at_random_store_every_mail_once_and_move_all(server):
    """Each is killed while it fetches; the last one is let to its end."""
    chance, total, cut_short = random.Random(7), 60, 0
    box = a_mailbox(server, after="move", move_to="Done")
    with at_imap(server) as connection:
        connection.create("Done")
    mails = [written(text=f"Number {number}").replace(b"\n", b"\r\n") for number in range(total)]
    put(server, *mails)
    Mailbox.objects.update(password_sealed=sealed_by("for-this-worker-alone"))
    for _round in range(6):
        poller = started_poller(box, chance.uniform(0, 0.15))
        wait_until(lambda one=poller: one.poll() is not None or RawMail.objects.count() == total, seconds=120)
        kill(poller)
        cut_short += RawMail.objects.count() < total
    poller = started_poller(box, 3600)
    wait_until(lambda: is_settled(total), seconds=120)
    kill(poller)
    assert cut_short >= 2
    assert sorted(bytes(raw.content) for raw in RawMail.objects.all()) == sorted(mails)
    with MailBoxUnencrypted("127.0.0.1", server).login(USER, PASSWORD) as outside:
        assert (len(outside.uids()), len(_uids_of(outside, "Done"))) == (0, total)


def is_settled(total):
    box = Mailbox.objects.get()
    return box.marked_uid == box.last_uid and RawMail.objects.count() == total


def sealed_by(key):
    with override_settings(SECRET_KEY=key):
        return sealed(PASSWORD)


@pytest.mark.long
def test_workers_killed_while_they_read_handle_every_mail_once(tmp_path):
    """Stored mails, workers killed in the middle: each ends handled, each is logged once."""
    owner = crm.user("Ingrid")
    contacts.person(owner, given_name="Ngozi", emails=["ngozi@mail.example"])
    box, chance, running = mailbox(owner), random.Random(3), started_worker(tmp_path)
    try:
        for round_ in range(3):
            wait_until(lambda: "ready." in (tmp_path / "worker.log").read_text())
            for number in range(20):
                receiving.take(written(text=f"{round_} {number}"), came_by="smtp", envelope_to=[box.address])
            time.sleep(chance.uniform(0.3, 1.5))
            kill(running)
            running = started_worker(tmp_path)
        wait_until(lambda: ReceivedMail.objects.filter(state="handled").count() == 60, seconds=300)
    finally:
        kill(running)
    assert Interaction.objects.unscoped(because="a test counts").count() == 60


def test_with_redis_stopped_mail_is_taken_at_once_and_read_by_a_worker(tmp_path, monkeypatch):
    box = mailbox(crm.user("Ingrid"))
    with broker() as (server, url):
        elsewhere = Celery("elsewhere")
        elsewhere.config_from_object("django.conf:settings", namespace="CELERY")
        elsewhere.conf.broker_url = celery_url(url)
        monkeypatch.setattr("crm.celery.app", elsewhere)
        server.stop()
        receiving.take(written(), came_by="smtp", envelope_to=[box.address])
        with worker(tmp_path, redis_url=url):
            wait_until(lambda: ReceivedMail.objects.filter(state="parsed").exists(), seconds=240)
