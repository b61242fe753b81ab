"""No request of any shape is answered with a 500: malformed ones with a fixed seed, over all URLs, signed in or not."""

import random
import re
from collections import Counter
from copy import deepcopy
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.test import Client

from crm import history
from crm.access import ROLES
from crm.checks import url_map
from tests.cast import belongings
from tests.factories import passkeys

TEXTS = [
    "", " ", "0", "-1", "1", "2", "007", "1.5", "1e400", "NaN", "Infinity", str(2**31), str(2**63), "9" * 400, "٣",
    "true", "null", "undefined", "None", "[]", "{}", '{"a": [1', "a,b,,c", "1,2,x", "\0", "a\0b", "\x1b[31m", "\ud800",
    "\udfff\ud800", "\u202eabc", "e\u0301" * 50, "😀" * 300, "x" * 5000, "' OR 1=1 --", '"><script>', "{{ 7|add:7 }}",
    "%s%n", "%", "../../etc/passwd", "http://evil.example/", "2026-02-30", "0000-00-00", "9999-12-31T23:59:59-23:59",
    "12:61", "+4722334455", "=cmd()", "a@b", "@", "Europe/Nowhere", "-sort_name", "sort_name,-sort_name", "__class__",
    "owner__password", "*" * 200, "((((", "\\", "\\x", "name:name", "W10=", "eyJhIjoxfQ==", "AAAA", "/", "//", "?", "#",
]  # fmt: skip
METHODS = ["GET"] * 16 + ["POST"] * 10 + ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"]
NAMES = "q page sort after before cursor columns next only view id pk ids company person owner team tag stage from to"
CONTENT_TYPES = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=hex",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "b" * 300,
    "multipart/form-data; boundary=bo",
    "multipart/form-data; boundary=\u00e9",
    "application/json",
    "text/plain; charset=\x80..",
    ";",
    "",
]
BODIES = [
    b"",
    b"\x00\xff\xfe",
    b"a=1&a=2&=&&&%",
    b"a=%ff%fe&b=%00",
    b"&".join(b"f%d=1" % number for number in range(3000)),
    b'{"a":' * 500,
    b"--bo",
    b'--bo\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
    b'--bo\r\nContent-Disposition: form-data; name="f"; filename="a\x00.csv"\r\n\r\n1\r\n--bo--\r\n',
    b"--bo\r\nContent-Disposition: form-data\r\n\r\n1\r\n--bo--\r\n",
    b'--bo\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n===\r\n--bo--\r\n',
    b"--bo\r\nContent-Disposition: form-data; name*=x'y'%ff\r\n\r\n1\r\n--bo--\r\n",
]
HEADERS = {
    "HTTP_COOKIE": ["=;=;;", 'sessionid="\\000"; csrftoken=\x00', "messages=W10; sessionid=é", "a=" + "b" * 4000],
    "HTTP_HOST": ["evil.example", "testserver:99999", "a b", "[::1", "-", "testserver@evil.example"],
    "HTTP_REFERER": ["//evil", "javascript:1", "http://[", "\x00"],
    "HTTP_HX_REQUEST": ["true", "false", "\x00"],
    "HTTP_HX_CURRENT_URL": ["http://[", "%00", "//", "http://testserver/\x00"],
    "HTTP_HX_TARGET": ["#a b", "\u00e9"],
    "HTTP_ACCEPT": ["application/json", "*/*;q=x", "text/html;" * 100],
    "HTTP_ACCEPT_LANGUAGE": ["xx-" * 200, "*", "en;q=NaN", "\x00"],
    "HTTP_IF_MODIFIED_SINCE": ["yesterday", "Sat, 32 Foo 99999 99:99:99 GMT"],
    "HTTP_IF_NONE_MATCH": ['"', "W/"],
    "HTTP_ORIGIN": ["null", "http://[", "ftp://x"],
    "HTTP_X_CSRFTOKEN": ["\x00", "é" * 64],
    "HTTP_X_FORWARDED_FOR": ["::::", "1.1.1.1, \x00", "," * 500],
    "HTTP_X_REQUESTED_WITH": ["XMLHttpRequest"],
    "HTTP_USER_AGENT": ["\x00", "é" * 3000, ""],
    "CONTENT_LENGTH": ["-5", "x", "1", str(2**70), "١"],
    "REMOTE_ADDR": ["", "::1", "not an address"],
}


@pytest.fixture
def rows(make_user):
    """An administrator and the ids of their records, one of each kind, as values for ids."""
    boss = make_user("boss@firm.example", role="administrator")
    passkeys.passkey(boss)
    with history.acting(boss, reason="test"):
        found = belongings(boss)
    return boss, {str(row.pk) for row in (*found.values(), boss.role)}


@pytest.mark.parametrize(("seed", "requests"), [(1, 300), pytest.param(20261121, 10_000, marks=pytest.mark.long)])
def test_no_request_of_any_shape_is_a_500(rows, make_user, our_requests, seed, requests):
    boss, ids = rows
    chance = random.Random(seed)
    clients = [Client(raise_request_exception=False) for _ in range(len(ROLES) + 1)]  # the last is nobody's
    clients[0].force_login(boss)
    for client, role in zip(clients[1:], sorted(set(ROLES) - {"administrator"}), strict=False):
        client.force_login(make_user(f"{role}@firm.example", role=role))
    routes = [route for route, _pattern in url_map()]
    names = known_names(clients[0], routes, ids)
    faults, statuses = [], Counter()
    for number in range(requests):
        request = malformed(chance, routes, names, ids)
        response = sent(chance.choice(clients[:1] * 6 + clients), request)
        statuses[response.status_code] += 1
        if response.status_code >= 500:
            faults.append((number, response.status_code, str(request)[:400]))
    assert faults == []
    assert statuses[200] > requests / 20, "most requests have to get as far as a view"
    assert {302, 400, 404, 405} <= set(statuses)


def sent(client, environ):
    """Send the request and take back whatever it changed, a sign-out too."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        response = client.request(**environ)
        response.getvalue()  # also of one that streams
        transaction.set_rollback(True)
    client.cookies = cookies
    assert not connection.needs_rollback, environ
    return response


def known_names(client, routes, ids):
    """Return the names of all fields and parameters that our pages mention."""
    found = set(NAMES.split())
    for route in routes:
        for pk in sorted(ids)[:2] if "<" in route else [""]:
            environ = {"PATH_INFO": "/" + re.sub("<[^>]*>", pk, route), "REQUEST_METHOD": "GET"}
            page = sent(client, environ).getvalue().decode(errors="replace")
            found |= set(re.findall(r'name="([\w-]+)"', page)) | set(re.findall(r"[?&;]([\w-]+)=", page))
    return sorted(found - {"csrfmiddlewaretoken"})


def malformed(chance, routes, names, ids):
    """Return one request as a WSGI environment."""
    path = "/" + re.sub(r"<[^>]*>|\(\?P[^)]*\)", lambda _: part(chance, ids), chance.choice(routes)).strip("^$")
    method = chance.choice(METHODS)
    environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "QUERY_STRING": query(chance, names, ids)}
    if method not in {"GET", "HEAD"}:
        environ |= body(chance, names, ids)
    for name in chance.sample(sorted(HEADERS), chance.choice([0, 0, 1, 2])):
        environ[name] = chance.choice(HEADERS[name])
    return environ


def part(chance, ids):
    text = chance.choice([*sorted(ids) * 15, *TEXTS])
    return text.encode(errors="surrogatepass").decode("latin-1")  # as a server hands it to WSGI


def query(chance, names, ids):
    pairs = [(chance.choice(names), value(chance, ids)) for _ in range(chance.choice([0, 1, 1, 2, 5]))]
    text = "&".join(f"{name}={quote(given, errors='surrogatepass')}" for name, given in pairs)
    return chance.choice([text] * 8 + [text + "&%", "&&=&" + text, text.replace("%", "%%"), "\x80\xff" + text])


def value(chance, ids):
    return chance.choice([*sorted(ids) * 3, *TEXTS])


def body(chance, names, ids):
    from io import BytesIO

    kind = CONTENT_TYPES[0]
    pairs = [(name, value(chance, ids)) for name in chance.sample(names, min(len(names), 12))]
    content = "&".join(f"{name}={quote(given, errors='surrogatepass')}" for name, given in pairs).encode()
    if chance.random() < 0.35:
        kind, content = chance.choice(CONTENT_TYPES), chance.choice(BODIES)
    return {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(content)), "wsgi.input": BytesIO(content)}
