import pytest
from django.test import RequestFactory, override_settings
from django.utils import timezone

from crm import middleware


def seen(trusted, **meta):
    """Return the request as the application sees it behind ProxyMiddleware."""
    with override_settings(TRUSTED_PROXIES=trusted):
        return middleware.ProxyMiddleware(lambda request: request)(RequestFactory().get("/", **meta))


@pytest.mark.parametrize(
    ("_case", "trusted", "peer", "forwarded", "client"),
    [
        ("nobody is trusted by default", [], "203.0.113.9", "10.1.1.1", "203.0.113.9"),
        ("a stranger cannot choose an address", ["10.0.0.0/8"], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("the proxy is believed", ["10.0.0.0/8"], "10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("what stands left of it is not", ["10.0.0.0/8"], "10.0.0.2", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("two proxies in a row", ["10.0.0.0/8"], "10.0.0.2", "198.51.100.1, 10.0.0.3", "198.51.100.1"),
        ("a port is not part of it", ["10.0.0.2"], "10.0.0.2", "198.51.100.1:5555", "198.51.100.1"),
        ("IPv6", ["::1"], "::1", "[2001:db8::5]:80", "2001:db8::5"),
        ("rubbish leaves the proxy's own", ["10.0.0.2"], "10.0.0.2", "<script>", "10.0.0.2"),
        ("an unknown peer has the unknown address", [], "", "1.1.1.1", "0.0.0.0"),
    ],
)
def test_whose_address_it_is(_case, trusted, peer, forwarded, client):
    request = seen(trusted, REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert request.META["REMOTE_ADDR"] == client
    assert "HTTP_X_FORWARDED_FOR" not in request.META


def test_scheme_and_host_come_from_the_proxy_alone():
    sent = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "crm.example", "HTTP_HOST": "inside"}
    trusted = seen(["10.0.0.2"], REMOTE_ADDR="10.0.0.2", **sent)
    assert (trusted.scheme, trusted.META["HTTP_HOST"]) == ("https", "crm.example")
    stranger = seen(["10.0.0.2"], REMOTE_ADDR="203.0.113.9", **sent)
    assert (stranger.scheme, stranger.META["HTTP_HOST"]) == ("http", "inside")


@pytest.mark.parametrize(
    ("_case", "path", "extra", "status"),
    [
        ("a NUL in the path", "/people/%00/", {}, 400),
        ("a line end in the path", "/people/%0d%0aX/", {}, 400),
        ("a NUL in the query", "/accounts/login/?next=%00", {}, 400),
        ("a path without end", "/" + "a" * 3000, {}, 414),
        ("a query without end", "/accounts/login/?q=" + "a" * 9000, {}, 414),
        ("another encoding", "/accounts/login/", {"CONTENT_TYPE": "text/plain; charset=hex"}, 415),
        ("an encoding nobody knows", "/accounts/login/", {"CONTENT_TYPE": "text/plain; charset*=hex''61"}, 415),
        ("a negative length", "/accounts/login/", {"CONTENT_LENGTH": "-1"}, 400),
        ("a length that is no number", "/accounts/login/", {"CONTENT_LENGTH": "many"}, 400),
        ("a form of a gigabyte", "/accounts/login/", {"CONTENT_LENGTH": str(2**30)}, 413),
        ("a foreign host", "/accounts/login/", {"HTTP_HOST": "evil.example"}, 400),
        ("a host that is none", "/accounts/login/", {"HTTP_HOST": "a b"}, 400),
    ],
)
def test_a_request_no_browser_sends_is_refused(lenient_client, db, our_requests, _case, path, extra, status):
    assert lenient_client.get(path, **extra).status_code == status


@pytest.mark.parametrize("cookie", ['"a\\000b"', "x" * 5000, "é", "../../etc"])
def test_a_session_cookie_that_is_not_ours_is_dropped(lenient_client, db, cookie):
    response = lenient_client.get("/account/", HTTP_COOKIE=f"sessionid={cookie}")
    assert response.status_code == 302


def test_signed_in_pages_stay_out_of_every_cache(client, rep):
    client.force_login(rep)
    assert client.get("/account/")["Cache-Control"] == "private, no-store"
    assert client.get("/no-such-page/")["Cache-Control"] == "private, no-store"


def test_the_policy_names_no_unsafe_source(client, db):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_times_are_shown_in_the_zone_of_the_user(client, make_user, monkeypatch):
    zones = []
    monkeypatch.setattr("crm.accounts.views.answer", _noting(zones))
    client.force_login(make_user(timezone="Asia/Tokyo"))
    client.get("/account/")
    assert zones == ["Asia/Tokyo"]
    assert timezone.get_current_timezone_name() == "UTC"


def _noting(zones):
    from crm.pages import answer

    def noting(*args, **options):
        zones.append(timezone.get_current_timezone_name())
        return answer(*args, **options)

    return noting


def test_a_user_with_an_unknown_zone_sees_the_site_s_own(client, make_user):
    user = make_user()
    type(user).objects.filter(pk=user.pk).update(timezone="Mars/Olympus")  # known when it was chosen
    client.force_login(user)
    assert client.get("/account/").status_code == 200


def test_a_change_is_noted_with_its_author_and_its_address(client, rep, monkeypatch):
    from crm import history

    noted = []
    acting = history.acting
    monkeypatch.setattr(
        history, "acting", lambda user, reason: noted.append((user, reason)) or acting(user, reason=reason)
    )
    client.force_login(rep)
    client.get("/account/")
    client.post("/account/theme/", {"theme": "dark"})
    assert noted == [(rep, "POST theme")]


def test_health_needs_neither_host_nor_database(client):
    """No fixture gives this test a database: a query would fail it."""
    response = client.get("/healthz", HTTP_HOST="10.0.0.1:8000", HTTP_COOKIE="sessionid=" + "a" * 32)
    assert response.status_code == 200


def test_health_is_answered_in_plain_http(settings, client):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/accounts/login/").status_code == 301


def test_a_log_line_holds_no_query_and_no_reset_key(rf):
    say = middleware.RequestLogMiddleware.format_request
    assert say(rf.get("/search/?q=secret")) == "GET /search/"
    assert "c1-abc" not in say(rf.get("/accounts/password/reset/key/1-c1-abc/"))


def test_a_part_asked_for_after_the_session_ended_takes_the_page_to_the_sign_in(client, db):
    response = client.get("/account/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/people/?page=2")
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/accounts/login/?next=/people/%3Fpage%3D2"
    assert response.content == b""


def test_the_server_reads_requests_as_we_do():
    from crm.requests import Request
    from crm.wsgi import application

    assert application.request_class is Request
