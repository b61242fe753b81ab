"""What a raw mail says: read as the standard library reads it where that can, within limits where it cannot."""

import email
import signal
import sys
import time
from email import policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.mime import html, limits, reader, reading, refusal
from crm.mime.refusal import Refused
from tests.mail_in.conftest import written
from tests.mail_in.hostile import mail, with_file

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), min_size=1, max_size=200)
FILES = st.lists(st.tuples(st.text("abcå_ -", min_size=1).map(lambda name: f"x{name}x.bin"), st.binary(max_size=3000)))


@given(text=TEXTS, subject=TEXTS, html=st.none() | TEXTS, files=FILES)
def test_an_honest_mail_is_read_as_the_standard_library_reads_it(text, subject, html, files):
    raw = written(
        text=text, Subject=" ".join(subject.split()), html=html and f"<p>{html}</p>",
        files=[(name, content, "application/octet-stream") for name, content in files],
    )  # fmt: skip
    other = email.message_from_bytes(raw, policy=policy.default)
    found = reading.read(raw)
    assert found["message_id"] == other["message-id"].strip("<>")
    assert "".join(found["subject"].split()) == "".join(other["subject"].split()) or "\ufffd" in other["subject"]
    expected = other.get_body(("plain",)).get_content()
    assert "".join(found["text"].split()) == "".join(reading.words.clean(expected).split())
    assert [(file["size"]) for file in found["attachments"]] == [
        len(part.get_payload(decode=True)) for part in other.iter_attachments()
    ]


def test_the_new_text_of_a_reply_stands_without_what_it_quotes():
    text = "Yes, please.\n\nOn Sat, 21 Nov 2026 at 09:30, Ingrid <i@firm.example> wrote:\n> Do you want it?\n> Ingrid\n"
    assert reading.read(written(text=text))["reply"] == "Yes, please."
    assert reading.read(written(text="> all of it\n> is quoted\n"))["reply"] == "> all of it\n> is quoted"


@pytest.mark.parametrize(
    ("_case", "charset", "body", "text"),
    [
        ("as declared", "iso-8859-1", b"bl\xe5b\xe6r", "blåbær"),
        ("declared wrongly", "us-ascii", "blåbær".encode(), "blåbær"),
        ("unknown", "klingon", "blåbær".encode(), "blåbær"),
        ("no charset at all", "zip", b"bl\xe5", "blå"),
        ("broken", "utf-8", b"bl\xc3", "bl\ufffd"),
        ("a NUL", "utf-8", b"a\0b", "a\ufffdb"),
        ("a half surrogate", "utf-8", b"\xed\xa0\x80x", "\ufffd\ufffd\ufffdx"),
        ("right to left", "utf-8", "שלום".encode(), "שלום"),
        ("turned around", "utf-8", "a\u202egpj".encode(), "agpj"),
    ],
)
def test_any_encoding_gives_text(_case, charset, body, text):
    raw = mail(1, body, Content_Type=f"text/plain; charset={charset}")
    assert reading.read(raw)["text"] == text


def test_html_keeps_its_looks_and_nothing_that_runs_or_is_fetched():
    page = """<p style="color:red;background:url(http://x)" onclick="x()">Hello <b>you</b></p><script>x()</script>
    <img src="http://evil.example/pixel.png"><img src="cid:logo"><a href="javascript:x()">a</a>
    <a href="https://good.example/">b</a><form action="/accounts/logout/"><button>c</button></form>"""
    found = reading.read(mail(1, page.encode(), Content_Type="text/html; charset=utf-8"))["html"]
    assert "color:red" in found.replace(" ", "")
    assert '<img src="cid:logo">' in found
    assert 'href="https://good.example/"' in found
    for gone in ("evil.example", "script", "onclick", "url(", "form", "button"):
        assert gone not in found


def test_sanitising_again_changes_nothing():
    page = "<table bgcolor=red><tr><td style='padding:1px'>a &lt;b&gt; &amp; <img src=cid:x title='>'></table>"
    once = html.sanitised(page)
    assert html.sanitised(once) == once


def test_pictures_of_the_mail_stand_in_it_and_no_other():
    shown = html.sanitised('<img src="cid:a&amp;b"><img src="cid:other">', {"a&b": "data:image/png;base64,AAAA"})
    assert shown == '<img src="data:image/png;base64,AAAA"><img src="">'


def test_a_name_of_a_file_is_only_a_name():
    [file] = reading.read(with_file(1, '..\\..\\etc/"pass\u202ewd"', b"x"))["attachments"]
    assert file["name"] == "_passwd_"


@pytest.mark.parametrize(
    ("name", "content", "verdict"),
    [
        ("a.pdf", b"%PDF-1.7", "ok"),
        ("a.exe", b"x", "dangerous"),
        ("invoice.pdf.JS", b"x", "dangerous"),
        ("a.pdf", b"MZ\x90", "dangerous"),
        ("figures.zip", b"PK\x03\x04" + b"\0" * 50, "ok"),
    ],
)
def test_files_are_judged_by_name_and_content(name, content, verdict):
    [file] = reading.read(with_file(1, name, content))["attachments"]
    assert file["verdict"] == verdict


def test_a_picture_that_is_none_is_told():
    [file] = reading.read(with_file(1, "a.png", b"<html>", kind="image/png"))["attachments"]
    assert (file["verdict"], file["type"]) == ("mismatch", "application/octet-stream")


@pytest.mark.parametrize(
    "date",
    ["Fri, 31 Dec 9999 23:59:59 -2359", "x" * 300, "", "Sun, 99 Foo 2026 99:99 UTC"],
)
def test_a_date_that_is_none_is_none(date):
    assert reading.read(mail(1, Date=date))["date"] == ""


def test_an_invitation_is_recognised():
    raw = mail(1, b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n", Content_Type="text/calendar")
    assert reading.read(raw)["calendar"] == "REQUEST"


def test_the_limits_hold_where_they_stand():
    fits = b"--b\r\n\r\nx\r\n" * limits.PARTS + b"--b--"
    assert reading.read(mail(1, fits, Content_Type="multipart/mixed; boundary=b"))
    with pytest.raises(Refused, match=refusal.TOO_MANY):
        reading.read(mail(1, b"--b\r\n\r\nx\r\n" + fits, Content_Type="multipart/mixed; boundary=b"))
    with pytest.raises(Refused, match=refusal.TOO_BIG):
        reader.read(b"a: b\n\n" + b"x" * limits.MOST_BYTES)


def test_after_one_that_takes_too_long_the_next_is_read(monkeypatch):
    with monkeypatch.context() as hurried:
        hurried.setattr(limits, "SECONDS", 0)
        with pytest.raises(Refused, match=refusal.TOO_SLOW):
            reader.read(mail(1, b"x" * 20_000_000))
    assert reader.read(written(Subject="Next"))["subject"] == "Next"


def test_the_reader_ends_by_itself_where_nobody_ends_it():
    """Whoever asked is gone in the middle of a question."""
    one = reader.Reader()
    one._say((100).to_bytes(8, "big") + b"From: a@b.example", time.monotonic() + 2)
    assert one.process.wait(60) == -signal.SIGALRM


def test_a_process_that_starts_slowly_costs_no_mail_its_time(monkeypatch, tmp_path):
    slow = tmp_path / "python"
    slow.write_text(f'#!/bin/sh\nsleep 2\nexec {sys.executable} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    monkeypatch.setattr(limits, "SECONDS", 1.9)
    one = reader.Reader()
    assert one.read(written(Subject="Patience"))["subject"] == "Patience"
    one.end()
    monkeypatch.setattr(limits, "START_SECONDS", 0.1)
    with pytest.raises(ChildProcessError):
        reader.Reader()


def test_one_that_ends_its_reader_ends_nothing_else(monkeypatch):
    assert reader.read(written())["subject"]
    [one] = reader._readers.values()
    one.process.kill()
    one.process.wait()
    assert reader.read(written(Subject="Again"))["subject"] == "Again"
