"""Mails that were made to hurt whoever reads them: as many as are asked for, the same ones for the same seed."""

from __future__ import annotations

import base64
import io
import random
import zipfile
from collections.abc import Callable

KINDS: dict[str, Callable] = {}


def kind(make):
    KINDS[make.__name__] = make
    return make


def corpus(count, seed=4):
    """Yield (name, raw mail). Of each kind the first is of its full size, the others are of a random part of it."""
    chance = random.Random(seed)
    names = list(KINDS)
    for number in range(count):
        name, round_ = names[number % len(names)], number // len(names)
        scale = 1.0 if not round_ else chance.uniform(0.01, 0.3)
        yield f"{name}-{round_}", KINDS[name](number, scale, chance)


def head(number, **fields):
    """Return the head of a mail as bytes, its lines given in order; None leaves a field out."""
    usual = {
        "From": "Mallory <mallory@evil.example>",
        "To": "inbox@firm.example",
        "Subject": f"Offer {number}",
        "Date": "Sun, 22 Nov 2026 08:00:00 +0000",
        "Message-ID": f"<hostile-{number}@evil.example>",
        "MIME-Version": "1.0",
    }
    usual |= {name.replace("_", "-"): value for name, value in fields.items()}
    rows = (name.encode() + b": " + _bytes(value) for name, value in usual.items() if value is not None)
    return b"\r\n".join(rows) + b"\r\n"


def _bytes(value):
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")


def mail(number, body=b"Hello\r\n", **fields):
    return head(number, **fields) + b"\r\n" + body


def _times(number, scale):
    return max(1, int(number * scale))


@kind
def deep_nesting(number, scale, chance):
    levels, body = _times(1000, scale) + 25, b""
    for level in range(levels):
        body += b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n' % (level, level + 1)
    return mail(number, body, Content_Type='multipart/mixed; boundary="b0"')


@kind
def one_boundary_at_every_depth(number, scale, chance):
    body = b"--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * _times(20_000, scale)
    return mail(number, body, Content_Type="multipart/mixed; boundary=b")


@kind
def many_parts(number, scale, chance):
    body = b"--b\r\n\r\nx\r\n" * _times(100_000, scale) + b"--b--\r\n"
    return mail(number, body, Content_Type="multipart/mixed; boundary=b")


@kind
def nearly_boundaries(number, scale, chance):
    body = b"--bX\n" * _times(4_000_000, scale)
    return mail(number, body, Content_Type="multipart/mixed; boundary=b")


@kind
def nested_messages(number, scale, chance):
    return mail(number, b"Content-Type: message/rfc822\r\n\r\n" * _times(100_000, scale), Content_Type="message/rfc822")


@kind
def huge_header(number, scale, chance):
    return mail(number, X_Filler="a" * _times(20_000_000, scale))


@kind
def many_headers(number, scale, chance):
    return head(number) + b"X-A: b\r\n" * _times(2_000_000, scale) + b"\r\nHello"


@kind
def folded_for_ever(number, scale, chance):
    return mail(number, Subject="a" + "\r\n b" * _times(50_000, scale))


@kind
def no_end_of_header(number, scale, chance):
    return head(number) + b"X: y\n" * _times(40_000, scale)


@kind
def broken_base64(number, scale, chance):
    junk = bytes(chance.choices(b"ABC=\x00\xff \r\n-", k=_times(500_000, scale)))
    return mail(number, junk, Content_Type="text/plain; charset=utf-8", Content_Transfer_Encoding="base64")


@kind
def broken_quoted_printable(number, scale, chance):
    body = b"=" * _times(300_000, scale) + b"=ZZ=\r\n=4" + b"=\n" * 1000
    return mail(number, body, Content_Type="text/html", Content_Transfer_Encoding="quoted-printable")


@kind
def strange_charsets(number, scale, chance):
    names = "zip bz2 rot13 idna punycode undefined unicode_escape raw_unicode_escape utf-7 hz utf-32 cp037 \0 ../../x x"
    name = chance.choice(names.split(" "))
    return mail(number, b"+ADw-script+AD4-\\x41\xff\xfe" * 500, Content_Type=f"text/html; charset={name}")


@kind
def punycode_body(number, scale, chance):
    return mail(number, b"a" * _times(900_000, scale) + b"-9999", Content_Type="text/plain; charset=punycode")


@kind
def encoded_word_bombs(number, scale, chance):
    return mail(
        number, Subject="=?utf-8?b?" * _times(8_000, scale) + "?=" * 3000, From="=?x?q?=00=E2=80=AE?= <a@b.example>"
    )


@kind
def utf7_script(number, scale, chance):
    return mail(number, b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", Content_Type="text/html; charset=utf-7")


@kind
def nul_bytes(number, scale, chance):
    return mail(
        number,
        b"a\0b" * _times(300_000, scale),
        Subject="Nu\0l",
        From="N\0ul <nul@evil.example>",
        Message_ID=f"<nu\0l-{number}@x>",
    )


@kind
def turned_names(number, scale, chance):
    return with_file(number, "invoice\u202efdp.exe", b"MZ" + b"\0" * 400, Subject="Pay \u202ewon \u2066now\u2069")


@kind
def path_in_name(number, scale, chance):
    return with_file(number, '../../../etc/cron.d/"x"\r\nX-Evil: 1', b"* * * * * root true\n")


@kind
def zip_bomb(number, scale, chance):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("zeros"), b"\0" * _times(50_000_000, scale), zipfile.ZIP_DEFLATED)
    return with_file(number, "figures.zip", held.getvalue())


@kind
def winmail(number, scale, chance):
    return with_file(number, "winmail.dat", b"\x78\x9f\x3e\x22" + chance.randbytes(5000), kind="application/ms-tnef")


@kind
def cyclic_references(number, scale, chance):
    own = f"<cycle-{number % 7}-{number}@evil.example>"
    others = " ".join(f"<cycle-{other}@evil.example>" for other in range(7))
    return mail(number, Message_ID=own, References=f"{own} {others}", In_Reply_To=own)


@kind
def huge_references(number, scale, chance):
    return mail(number, References=" ".join(f"<{step}@evil.example>" for step in range(_times(8_000, scale))))


@kind
def endless_id(number, scale, chance):
    return mail(number, Message_ID=f"<{number}{'x' * _times(60_000, scale)}@evil.example>")


@kind
def boundary_confusion(number, scale, chance):
    body = b"--a\r\nContent-Type: text/plain\r\n\r\nharmless\r\n--a--\r\n"
    body += b'--"a\r\n\r\n--a \r\nContent-Type: text/html\r\n\r\n<b>x'
    return mail(number, body, Content_Type='multipart/mixed; boundary=a; boundary="\\"a"; boundary*0=c')


@kind
def endless_boundary(number, scale, chance):
    long = "b" * _times(100_000, scale)
    return mail(number, f"--{long}\r\n\r\nx\r\n".encode() * 20, Content_Type=f'multipart/mixed; boundary="{long}"')


@kind
def no_boundary(number, scale, chance):
    return mail(number, b"--\r\n\r\nx\r\n--\r\n" * 100, Content_Type='multipart/alternative; boundary=""')


@kind
def many_recipients(number, scale, chance):
    to = ", ".join(f"Somebody {step} <p{step}@evil.example>" for step in range(_times(10_000, scale)))
    return mail(number, To=to[:240_000])


@kind
def address_bombs(number, scale, chance):
    bomb = chance.choice(["(" * 60_000, '"' * 60_001, "<" * 60_000, "a@b," * 15_000, ";:,@" * 15_000, "\\" * 60_001])
    return mail(number, From=bomb, Cc=bomb[: _times(60_000, scale)])


@kind
def parameter_bomb(number, scale, chance):
    bomb = ';x="' * _times(20_000, scale) + "".join(f";filename*{step}*=a" for step in range(1500))
    return mail(number, Content_Type=f"text/plain{bomb}", Content_Disposition=f"attachment{bomb}")


@kind
def scripts_in_html(number, scale, chance):
    page = b"""<html><head><style>@import url(http://evil.example)</style><base href="http://evil.example"><meta
    http-equiv=refresh content="0;url=http://evil.example"></head><body onload=alert(1)><script>alert(1)</script>
    <svg><script>alert(2)</script></svg><math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img
    src=1 onerror=alert(3)&gt;"></table></mtext></math><a href="java&#10;script:alert(4)">x</a><iframe
    srcdoc="<script>alert(5)</script>"></iframe><form action=http://evil.example><input name=p></form>
    <div style="background:url(http://evil.example/p.png);width:expression(alert(6));position:fixed">x</div>
    <img src=http://evil.example/pixel.png><object data=x></object><noscript><p title="</noscript><img src=x
    onerror=alert(7)>"></noscript></body></html>"""
    return mail(number, page * _times(20, scale), Content_Type="text/html; charset=utf-8")


@kind
def deep_html(number, scale, chance):
    tag = chance.choice([b"<div>", b"<b>", b"<table><td>", b"<a href=x>", b"<font><p>", b"<svg><g>", b"<ul><li>"])
    return mail(number, tag * _times(200_000, scale), Content_Type="text/html")


@kind
def open_tags(number, scale, chance):
    page = chance.choice([b"<" * 900_000, b"<!--" * 200_000, b"<a " * 300_000, b'<a b="' * 150_000, b"&" * 900_000])
    return mail(number, page[: _times(900_000, scale)], Content_Type="text/html")


@kind
def formatting_tangle(number, scale, chance):
    page = b"".join(b"<%s id=%d>" % (chance.choice([b"b", b"i", b"a", b"p", b"font", b"nobr", b"table", b"tr"]), n)
                    for n in range(_times(60_000, scale)))  # fmt: skip
    return mail(number, page + b"</p></a></b>" * 5000, Content_Type="text/html")


@kind
def css_bomb(number, scale, chance):
    page = b'<p style="' + b"width:calc(" * _times(80_000, scale) + b'">x</p>'
    return mail(number, page + b"<style>" + b"a{b:c}" * 50_000 + b"</style>", Content_Type="text/html")


@kind
def attribute_bomb(number, scale, chance):
    page = b"<p " + b"".join(b"a%d=1 " % step for step in range(_times(60_000, scale))) + b">x"
    return mail(number, page, Content_Type="text/html")


@kind
def bait_for_quotes(number, scale, chance):
    baits = [
        "On " + "a " * 25_000, "On Mon, 1 Jan 2026 at 10:00, x wrote:\n" * 2_000, "> " * 25_000, "_" * 50_000,
        "From: a\n" * 8_000, "Sent from my " + "a" * 40_000, "-" * 50_000, "Confidential " * 4_000,
        "\n" * 50_000, "Am " + "1 " * 20_000 + " schrieb", " \t" * 25_000 + "x", "this message may " * 3_000,
    ]  # fmt: skip
    return mail(number, chance.choice(baits).encode(), Content_Type="text/plain; charset=utf-8")


@kind
def combining_signs(number, scale, chance):
    signs = "".join(chance.choice("\u0327\u0301\u0323\u05b0\u0f71") for _sign in range(_times(150_000, scale)))
    return mail(number, f"a{signs}".encode(), Content_Type="text/plain; charset=utf-8")


@kind
def doubled_id(number, scale, chance):
    return mail(number, f"Another text {number}".encode(), Message_ID="<the-same@evil.example>")


@kind
def looping(number, scale, chance):
    fields = chance.choice(
        [
            {"Auto_Submitted": "auto-replied"},
            {"X_Loop": "localhost"},
            {"Received": "from a by b\r\n" + "Received: x\r\n" * 120 + "X-End: 1"},
        ]
    )
    return mail(number, **fields)


@kind
def false_bounce(number, scale, chance):
    body = (
        b"--b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <nobody-sent-%d@firm.example>\r\n--b--\r\n"
        % number
    )
    return mail(number, body, From="<>", Content_Type="multipart/report; report-type=delivery-status; boundary=b")


@kind
def strange_dates(number, scale, chance):
    dates = [
        "Mon, 01 Jan 0000 00:00:00 +0000", "Fri, 31 Dec 9999 23:59:59 -2359", "Sun, 22 Nov 2026 08:00:00 +9999",
        "Sun, 99 Foo 2026 99:99:99 UTC", "x" * 5_000, "", "1e999", "Sun, 22 Nov 2026 24:61:61 NZDT-99", "٢٢ Nov 2026",
        "Fri, 01 Jan 0001 00:00:00 +1400", "22 Nov 99999999999999999999 08:00:00 +0000",
    ]  # fmt: skip
    return mail(number, Date=chance.choice(dates))


@kind
def endless_lines(number, scale, chance):
    return mail(number, b"x" * _times(24_000_000, scale))


@kind
def only_line_ends(number, scale, chance):
    return mail(number, b"\n" * _times(24_000_000, scale))


@kind
def half_surrogates(number, scale, chance):
    return mail(
        number,
        b"\xed\xa0\x80\xed\xb0\x80 \xf0\x9f\xa6\x8c" * 200,
        Subject=b"\xed\xa0\x80 \xff\xfe \xc3",
        From=b"\xff\xfe <a\xff@b.example>",
    )


@kind
def noise(number, scale, chance):
    return chance.randbytes(_times(200_000, scale))


@kind
def nearly_nothing(number, scale, chance):
    return chance.choice([b"", b"\n", b"\r\n\r\n", b"\0", b"From \n", b":", b"a:b"]) + b" " * (number % 97)


@kind
def large_file(number, scale, chance):
    return with_file(number, "film.bin", chance.randbytes(_times(17_000_000, scale)))


@kind
def calendar_bomb(number, scale, chance):
    body = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n" + b"BEGIN:VEVENT\r\n" * _times(100_000, scale)
    return mail(number, body, Content_Type="text/calendar; method=REQUEST; charset=utf-8")


def with_file(number, name, content, kind="application/octet-stream", **fields):
    """Return a mail with a file of this name."""
    quoted = name.replace('"', '\\"').encode()
    body = b"--b\r\nContent-Type: text/plain\r\n\r\nSee there\r\n--b\r\nContent-Type: " + kind.encode()
    body += (
        b'\r\nContent-Disposition: attachment; filename="' + quoted + b'"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    body += base64.encodebytes(content) + b"\r\n--b--\r\n"
    return mail(number, body, Content_Type="multipart/mixed; boundary=b", **fields)
