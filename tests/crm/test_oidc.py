"""Signing in by the firm's provider: a real one of other make in a process of its own, and one that lies."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives import serialization
from django.core.exceptions import PermissionDenied
from django.test import Client
from structlog.testing import capture_logs

from crm import jobs
from crm.accounts import provider as ours
from crm.accounts.notes import SignInNote
from crm.models import Role, User
from tests.crm.second_steps import SECURITY, STEP, code_of, is_signed_in, password, with_app
from tests.provider import lying, running

START, CALLBACK = "/accounts/provider/", "/accounts/provider/callback/"
SITE = "http://localhost:8000"
NO_ACCOUNT = b"No account here for this address"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with running.provider(tmp_path_factory.mktemp("provider"), SITE + CALLBACK) as client:
        yield client


@pytest.fixture
def configured(settings):
    def configure(client, **changes):
        settings.BASE_URL, settings.OIDC = SITE, {**client, **changes}

    return configure


def begin(client, **sent):
    """Start at our site; return where it sends the browser to."""
    page = client.post(START, sent)
    assert page.status_code == 200, page.content
    return unescape(re.search(r'content="0;url=([^"]+)"', page.content.decode())[1])


def through(url, name):
    """Sign in at the real provider as somebody; return the address it sends the browser back to."""
    browser = requests.Session()
    page = browser.get(url, timeout=10)
    form = {match[0]: unescape(match[1]) for match in re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', page.text)}
    form |= {"username": name, "password": running.PASSWORD}
    answer = browser.post(page.url, data=form, timeout=10, allow_redirects=False)
    while not answer.headers["Location"].startswith(SITE):
        there = requests.compat.urljoin(answer.url, answer.headers["Location"])
        answer = browser.get(there, timeout=10, allow_redirects=False)
    return answer.headers["Location"].removeprefix(SITE)


def sign_in(client, name, **sent):
    return client.get(through(begin(client, **sent), name))


class TestRealProvider:
    @pytest.fixture(autouse=True)
    def use(self, real, configured):
        configured(real)

    def test_a_verified_address_of_an_active_user_opens(self, client, rep, mailoutbox):
        response = sign_in(client, "ingrid", next="/account/")
        assert response["Location"] == "/account/"
        assert is_signed_in(client)
        link = SocialAccount.objects.get()
        assert (link.user, link.provider) == (rep, ours.settings.OIDC["issuer"])
        jobs.work_off()
        assert mailoutbox[0].subject == "Your account is linked to the sign-in of your firm"
        assert SignInNote.objects.get().what == "provider_linked"
        rep.refresh_from_db()
        assert rep.check_password("stones-in-a-row")

    def test_the_link_is_by_subject_and_outlives_the_address(self, client, rep):
        sign_in(client, "ingrid")
        User.objects.filter(pk=rep.pk).update(email="married@firm.example")
        again = Client()
        sign_in(again, "ingrid")
        assert is_signed_in(again)
        assert SocialAccount.objects.count() == 1

    @pytest.mark.parametrize("name", ["unverified", "stranger", "closed"])
    def test_nobody_else_gets_in_and_all_are_told_the_same(self, client, rep, make_user, name):
        make_user("closed@firm.example", is_active=False)
        response = sign_in(client, name)
        assert response.status_code == 403
        assert NO_ACCOUNT in response.content
        assert not is_signed_in(client)
        assert SocialAccount.objects.count() == 0
        assert User.objects.count() == 2

    def test_who_may_not_in_sees_the_same_page_whatever_the_reason(self, client, rep, make_user):
        make_user("closed@firm.example", is_active=False)
        pages = {sign_in(Client(), name).content for name in ("unverified", "stranger", "closed")}
        assert len(pages) == 1

    def test_a_linked_user_whose_account_was_closed_is_told_the_same(self, client, rep):
        sign_in(client, "ingrid")
        User.objects.filter(pk=rep.pk).update(is_active=False)
        assert not is_signed_in(client)
        assert NO_ACCOUNT in sign_in(Client(), "ingrid").content

    def test_an_address_given_to_somebody_else_opens_nothing(self, client, rep):
        """A second subject with the same verified address is another person until the first is unlinked."""
        sign_in(client, "ingrid")
        assert NO_ACCOUNT in sign_in(Client(), "strong").content
        ours.unlink(rep, by=None)
        again = Client()
        sign_in(again, "strong")
        assert is_signed_in(again)

    def test_no_token_of_the_provider_is_kept(self, client, rep):
        sign_in(client, "ingrid")
        assert SocialToken.objects.count() == 0
        assert set(SocialAccount.objects.get().extra_data) <= set(ours.KEPT)
        assert "access" not in str(dict(client.session))

    def test_an_answer_is_taken_once(self, client, rep):
        back = through(begin(client), "ingrid")
        client.get(back)
        client.post("/accounts/logout/")
        assert client.get(back).status_code == 400
        assert not is_signed_in(client)

    def test_an_answer_to_another_browser_is_refused(self, client, rep):
        back = through(begin(client), "ingrid")
        thief = Client()
        assert thief.get(back).status_code == 400
        assert not is_signed_in(thief)

    def test_the_second_step_of_ours_is_asked_for(self, client, rep):
        secret, _codes = with_app(rep)
        assert sign_in(client, "ingrid")["Location"] == STEP
        assert "access_token" not in str(dict(client.session))
        assert not is_signed_in(client)
        assert client.post(STEP, {"code": code_of(secret)}).status_code == 302
        assert is_signed_in(client)

    def test_a_role_that_requires_it_leads_to_setting_it_up(self, client, rep):
        Role.objects.filter(key="rep").update(mfa_required=True)
        sign_in(client, "strong")
        assert client.get("/people/")["Location"] == SECURITY

    def test_the_word_of_a_trusted_provider_counts(self, client, rep, configured, real):
        Role.objects.filter(key="rep").update(mfa_required=True)
        configured(real, trusts_mfa=True)
        sign_in(client, "strong")
        assert client.get("/people/").status_code == 200
        ours.unlink(rep, by=None)
        weak = Client()
        sign_in(weak, "ingrid")
        assert weak.get("/people/")["Location"] == SECURITY
        configured(real)
        assert client.get("/people/")["Location"] == SECURITY

    def test_that_word_is_for_that_sign_in_alone(self, client, rep, configured, real):
        configured(real, trusts_mfa=True)
        with_app(rep)
        assert sign_in(client, "strong")["Location"] == "/"
        client.post("/accounts/logout/")
        assert password(client, rep)["Location"] == STEP

    def test_signed_in_users_are_left_where_they_are(self, client, rep):
        back = through(begin(client), "ingrid")
        password(client, rep)
        assert client.get(back)["Location"] == "/"
        assert SocialAccount.objects.count() == 0
        assert client.post(START)["Location"] == "/"

    def test_it_works_without_redis(self, client, rep, settings):
        settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
        sign_in(client, "ingrid")
        assert is_signed_in(client)


def test_what_the_browser_is_sent_to_the_provider_with(client, db, configured, real):
    configured(real)
    asked = parse_qs(urlsplit(begin(client)).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [SITE + CALLBACK]
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert all(len(asked[name][0]) >= 16 for name in ("state", "nonce", "code_challenge"))
    again = parse_qs(urlsplit(begin(client)).query)
    assert all(again[name] != asked[name] for name in ("state", "nonce", "code_challenge"))


def test_the_page_names_the_provider_only_where_there_is_one(client, db, configured, real):
    assert b"Sign in with" not in client.get("/accounts/login/").content
    assert client.post(START).status_code == client.get(CALLBACK).status_code == 404
    configured(real)
    assert b"Sign in with Firm ID" in client.get("/accounts/login/").content
    assert client.get(START).status_code == 405


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=x", "?code=x&state=y", "?error=x", "?code=%00&state=%F0", "?state[]=1"]
)
def test_what_a_browser_made_up_is_refused(client, db, configured, real, query):
    configured(real)
    assert client.get(CALLBACK + query).status_code == 400


# A provider that lies


@pytest.fixture
def liar(configured):
    liar = lying.Liar()
    names = {"name": "Liar", "issuer": liar.issuer, "client_id": lying.CLIENT, "secret": lying.SECRET}
    configured({**names, "hosts": [], "trusts_mfa": False})
    yield liar
    liar.close()


def come_back(client, liar, **extra):
    """Start, and come back from a provider that asked nothing; return our answer."""
    asked = parse_qs(urlsplit(begin(client)).query)
    liar.nonce = asked["nonce"][0]
    return client.get(CALLBACK, {"code": "c", "state": asked["state"][0], **extra})


PEM = lying.KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)  # fmt: skip
LIES = {
    "for another client": {"claims": {"aud": "somebody"}},
    "for another client too": {"claims": {"aud": [lying.CLIENT, "somebody"]}},
    "asked for by another client": {"claims": {"azp": "somebody"}},
    "of another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "expired": {"claims": {"exp": 1_000_000_000}},
    "of the future": {"claims": {"iat": 4_000_000_000}},
    "not yet valid": {"claims": {"nbf": 4_000_000_000}},
    "without an expiry": {"claims": {"exp": None}},
    "with another nonce": {"claims": {"nonce": "another"}},
    "without a nonce": {"claims": {"nonce": None}},
    "about nobody": {"claims": {"sub": None}},
    "about an empty subject": {"claims": {"sub": ""}},
    "about an endless subject": {"claims": {"sub": "s" * 500}},
    "about a subject with a NUL": {"claims": {"sub": "s\0"}},
    "signed by another key": {"key": lying.OTHER_KEY},
    "signed by an unknown key": {"kid": "two"},
    "not signed": {"key": None, "algorithm": "none"},
    "no token": {"token": "rubbish"},
    "not even text": {"token": 5},
    "a token of nothing": {"token": ""},
}


def test_the_log_says_why_a_token_is_refused(client, rep, liar):
    liar.kid = "two"
    with capture_logs() as log:
        come_back(client, liar)
    assert [line["reason"] for line in log if "reason" in line] == [
        "ID token refused: no key of the provider's signed it"
    ]


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_opens_nothing(client, rep, liar, lie):
    for name, value in LIES[lie].items():
        setattr(liar, name, value)
    assert come_back(client, liar).status_code == 400
    assert not is_signed_in(client)
    assert SocialAccount.objects.count() == 0


def test_the_public_key_is_no_shared_secret(client, rep, liar):
    """The oldest trick: sign with the public key as if it were a password of both."""
    asked = parse_qs(urlsplit(begin(client)).query)
    liar.nonce = asked["nonce"][0]
    honest = jwt.decode(liar.id_token(), options={"verify_signature": False})
    jwt.algorithms.HMACAlgorithm.prepare_key, kept = lambda _self, key: key, jwt.algorithms.HMACAlgorithm.prepare_key
    try:
        liar.token = jwt.encode(honest, PEM, "HS256", headers={"kid": "one"})
    finally:
        jwt.algorithms.HMACAlgorithm.prepare_key = kept
    assert client.get(CALLBACK, {"code": "c", "state": asked["state"][0]}).status_code == 400
    assert not is_signed_in(client)


def test_without_lies_it_opens(client, rep, liar):
    """So that the lies are what is refused above."""
    assert come_back(client, liar).status_code == 302
    assert is_signed_in(client)
    sent = next(form for path, form in liar.asked if path == "/token")
    assert sent["code_verifier"]
    assert sent["client_secret"] == lying.SECRET


def test_an_address_said_elsewhere_counts_if_it_is_about_the_same_subject(client, rep, liar):
    liar.claims = {"email": None, "email_verified": None}
    liar.userinfo = {"sub": "subject-2", "email": rep.email, "email_verified": True}
    assert come_back(client, liar).status_code == 400
    liar.userinfo["sub"] = "subject-1"
    assert come_back(client, liar).status_code == 302
    assert is_signed_in(client)


@pytest.mark.parametrize("verified", [None, False, "false", 0, 1, "yes", [], {"a": 1}])
@pytest.mark.parametrize("email", ["rep@firm.example"])
def test_only_a_verified_address_counts(client, rep, liar, verified, email):
    liar.claims = {"email": email, "email_verified": verified}
    response = come_back(client, liar)
    assert response.status_code == 403
    assert NO_ACCOUNT in response.content


def test_for_who_is_linked_the_address_matters_no_more(client, rep, liar):
    come_back(client, liar)
    liar.claims = {"email": "private@elsewhere.example", "email_verified": False}
    again = Client()
    come_back(again, liar)
    assert is_signed_in(again)


@pytest.mark.parametrize("email", ["", "rep", "rep\0@firm.example", 5, ["rep@firm.example"], "x" * 5000])
def test_an_address_that_is_none_opens_nothing(client, rep, liar, email):
    liar.claims = {"email": email}
    assert come_back(client, liar).status_code in (400, 403)
    assert not is_signed_in(client)


@pytest.mark.parametrize("spelling", ["REP@Firm.Example", " rep@firm.example "])
def test_an_address_is_the_same_in_any_case(client, rep, liar, spelling):
    liar.claims = {"email": spelling}
    come_back(client, liar)
    assert is_signed_in(client)


@pytest.mark.parametrize("amr", ["mfa", None, 5, {"mfa": 1}, [["mfa"]], ["pwd"]])
def test_a_second_step_said_in_another_form_is_none(client, rep, liar, settings, amr):
    settings.OIDC = {**settings.OIDC, "trusts_mfa": True}
    with_app(rep)
    liar.claims = {"amr": amr}
    assert come_back(client, liar)["Location"] == STEP


CONFIGURATIONS = {
    "another issuer": {"issuer": "https://elsewhere.example"},
    "no issuer": {"issuer": None},
    "people are sent elsewhere": {"authorization_endpoint": "https://elsewhere.example/"},
    "people are sent nowhere": {"authorization_endpoint": None},
    "the code is sent elsewhere": {"token_endpoint": "http://127.0.0.1:1/token"},
    "keys are from elsewhere": {"jwks_uri": "https://elsewhere.example/keys"},
    "keys are a file": {"jwks_uri": "file:///etc/passwd"},
}


@pytest.mark.parametrize("what", CONFIGURATIONS)
def test_a_configuration_that_leads_elsewhere_is_not_followed(client, rep, liar, what):
    liar.config = CONFIGURATIONS[what]
    assert client.post(START).status_code == 400
    assert [path for path, _form in liar.asked] == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize("path", ["/token", "/keys", "/userinfo"])
def test_requests_are_not_sent_on(client, rep, liar, path):
    other = lying.Liar()
    try:
        liar.claims = {"email": None}
        liar.pages[path] = (302, {"Location": other.issuer + path}, b"")
        assert come_back(client, liar).status_code == 400
        assert other.asked == []
    finally:
        other.close()


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"5", b"{", b"\xff\xfe", b'"' + b"x" * 2_000_000 + b'"'])
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_rubbish_gives_a_plain_page(client, rep, liar, path, body):
    asked = parse_qs(urlsplit(begin(client)).query)
    liar.pages[path] = (200, {"Content-Type": "application/json"}, body)
    assert client.post(START).status_code in (200, 400)
    assert client.get(CALLBACK, {"code": "c", "state": asked["state"][0]}).status_code == 400
    assert not is_signed_in(client)


@pytest.mark.parametrize("fault", [KeyError("ours"), TypeError("ours"), ValueError("ours"), AttributeError("ours")])
def test_a_fault_of_our_own_is_not_the_providers(client, rep, liar, monkeypatch, fault):
    def broken(*_arguments):
        raise fault

    monkeypatch.setattr("crm.accounts.provider._linked", broken)
    with pytest.raises(type(fault), match="ours"):
        come_back(client, liar)


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys"])
def test_a_provider_that_fails_is_away(client, rep, liar, path):
    asked = parse_qs(urlsplit(begin(client)).query)
    liar.pages[path] = (502, {}, b"bad gateway")
    response = client.get(CALLBACK, {"code": "c", "state": asked["state"][0]})
    assert response.status_code == 503
    assert b"Liar does not answer" in response.content


def test_a_provider_that_is_gone_gives_a_plain_page(client, rep, liar):
    asked = parse_qs(urlsplit(begin(client)).query)
    liar.close()
    for response in (client.post(START), client.get(CALLBACK, {"code": "c", "state": asked["state"][0]})):
        assert response.status_code == 503
        assert b"use your password" in response.content


def test_who_turns_back_at_the_provider_is_at_our_sign_in_again(client, rep, liar):
    asked = parse_qs(urlsplit(begin(client)).query)
    response = client.get(CALLBACK, {"error": "access_denied", "state": asked["state"][0]})
    assert response["Location"] == "/accounts/login/"


def test_the_address_to_start_from_takes_no_wishes(client, rep, liar):
    """Neither scope nor nonce nor what becomes of the sign-in are a stranger's to choose."""
    page = client.post(f"{START}?process=connect&scope=admin&auth_params=nonce%3Dknown", {"process": "connect"})
    asked = parse_qs(urlsplit(unescape(re.search(r"0;url=([^\"]+)", page.content.decode())[1])).query)
    assert "admin" not in asked["scope"][0]
    assert asked["nonce"] != ["known"]


@pytest.mark.parametrize("next_url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_on_to_a_foreign_site(client, rep, liar, next_url):
    asked = parse_qs(urlsplit(begin(client, next=next_url)).query)
    liar.nonce = asked["nonce"][0]
    assert client.get(CALLBACK, {"code": "c", "state": asked["state"][0]})["Location"] == "/"


def test_another_issuer_is_another_world(client, rep, liar):
    """The same subject of a provider configured later is somebody else."""
    SocialAccount.objects.create(user=rep, provider="https://former.example", uid="subject-1", extra_data={})
    liar.claims = {"email": "stranger@elsewhere.example"}
    assert come_back(client, liar).status_code == 403


def test_unlinking_is_an_administrators(rep, make_user):
    SocialAccount.objects.create(user=rep, provider="https://sso.example", uid="1", extra_data={})
    with pytest.raises(PermissionDenied):
        ours.unlink(rep, by=make_user("m@firm.example", role="manager"))
    assert ours.unlink(rep, by=make_user("a@firm.example", role="administrator")) == 1
    assert SignInNote.objects.get().what == "provider_unlinked"
    assert Authenticator.objects.count() == 0
