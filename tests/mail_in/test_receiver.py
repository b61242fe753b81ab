"""The receiver as a process of its own, spoken to over a socket."""

import re
import smtplib
import socket
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from crm import receiving
from crm.mime import limits
from crm.models import RawMail, ReceivedMail
from crm.receiving import smtp
from tests.crm.workers import kill, wait_until
from tests.factories import crm
from tests.mail_in.conftest import mailbox, written
from tests.mail_in.servers import receiver, sent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def box():
    return mailbox(crm.user("Ingrid"), address="ingrid@firm.example")


@pytest.fixture
def port(tmp_path, box):
    with receiver(tmp_path, MAIL_DOMAIN="in.firm.example", RECEIVE_MAIL_FOR="office.example,one@else.example") as (
        _process,
        port,
    ):
        yield port


def test_what_was_answered_with_250_is_stored_even_if_the_receiver_is_killed_at_once(tmp_path, box):
    stored = []
    for round_ in range(3):
        with receiver(tmp_path) as (process, port):
            for number in range(4):
                raw = written(text=f"{round_} {number}").replace(b"\n", b"\r\n")
                assert sent(port, raw, [box.address]) == {}
                stored.append(raw)
            kill(process)
    assert {bytes(raw.content) for raw in RawMail.objects.all()} == set(stored)


def test_only_known_recipients_are_taken_and_nothing_is_relayed(port, box, settings):
    settings.SECRET_KEY, settings.MAIL_DOMAIN = "for-this-worker-alone", "in.firm.example"
    drop = receiving.dropbox_address(box.owner)
    known = [box.address, "INGRID@FIRM.example", drop, "anybody@office.example", "one@else.example"]
    others = [
        "x@gmail.example",
        "x@in.firm.example",
        "two@else.example",
        drop.replace("-", "-a"),
        "reply+1-a@office.example@x",
    ]
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as connection:
        connection.ehlo()
        connection.mail("a@b.example")
        assert [connection.rcpt(address)[0] for address in known] == [250] * len(known)
        assert {connection.rcpt(address)[0] for address in others} <= {550, 501, 553}
    assert not ReceivedMail.objects.exists()


def test_dots_and_long_lines_and_bytes_arrive_as_they_were(port, box):
    raw = (
        b"From: a@b.example\r\nSubject: \xc3\xa5\r\n\r\n.\r\n..two\r\n" + b"x" * 70_000 + b"\r\n\xff\xfe\0\r\nend.\r\n"
    )
    assert sent(port, raw, [box.address]) == {}
    assert bytes(RawMail.objects.get().content) == raw


def test_a_mail_that_is_too_big_is_refused_whether_it_says_so_or_not(port, box):
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as connection:
        connection.ehlo()
        assert connection.esmtp_features["size"] == str(limits.MOST_BYTES)
        assert connection.mail("a@b.example", [f"size={limits.MOST_BYTES + 1}"])[0] == 552
        connection.mail("a@b.example")
        connection.rcpt(box.address)
        assert connection.data(b"x" * 76 + b"\r\n" + (b"x" * 1000 + b"\r\n") * 27_000)[0] == 552
        assert connection.noop()[0] == 250
    assert not RawMail.objects.exists()


def test_too_many_recipients_and_commands_end(port, box):
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as connection:
        connection.ehlo()
        connection.mail("a@b.example")
        answers = [connection.rcpt(box.address)[0] for _time in range(smtp.MOST_RECIPIENTS + 1)]
        assert answers[-2:] == [250, 452]
        with pytest.raises(smtplib.SMTPServerDisconnected):
            for _time in range(60):
                connection.noop()


def test_one_address_does_not_hold_all_connections(port):
    held = [socket.create_connection(("127.0.0.1", port), 20) for _number in range(5)]
    assert all(one.recv(100).startswith(b"220") for one in held)
    with socket.create_connection(("127.0.0.1", port), 20) as one_more:
        assert one_more.recv(100).startswith(b"421")
    held[0].close()
    wait_until(lambda: _greeting(port).startswith(b"220"))  # as soon as it has seen that one leave
    for one in held:
        one.close()


def _greeting(port):
    with socket.create_connection(("127.0.0.1", port), 20) as one:
        return one.recv(100)


def test_a_second_mail_smuggled_in_behind_the_first_is_not_taken(port, box):
    connection = smtplib.SMTP("127.0.0.1", port, timeout=60)
    connection.ehlo()
    connection.mail("a@b.example")
    connection.rcpt(box.address)
    assert connection.docmd("DATA")[0] == 354
    connection.send(b"Subject: 1\r\n\r\nx\r\n.\r\nMAIL FROM:<c@d.example>\r\n")
    with pytest.raises(smtplib.SMTPServerDisconnected):
        connection.getreply()
    assert not RawMail.objects.exists()


def test_empty_lines_and_a_line_without_end_take_no_memory(tmp_path, box):
    with receiver(tmp_path) as (process, port):
        for body in (b"\r\n" * 10_000_000, b"x" * 24_000_000):
            assert sent(port, b"From: a@b.example\r\n\r\n" + body, [box.address]) == {}
        status = Path(f"/proc/{process.pid}/status").read_text()
    peak_kilobytes = int(re.search(r"VmHWM:\s+(\d+)", status)[1])
    assert peak_kilobytes < 350 * 1024


def test_without_a_place_it_says_so():
    with pytest.raises(CommandError, match="RECEIVE_MAIL_AT"):
        call_command("receive_mail")
