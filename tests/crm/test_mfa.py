"""The second step: codes, recovery codes, what is kept of them, who must have one, and how one is taken back."""

import json
import re
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import jobs
from crm.accounts import sealing, second_step
from crm.accounts.notes import SignInNote
from crm.models import Role
from tests.crm.second_steps import (
    LOGIN,
    SECURITY,
    STEP,
    code_of,
    is_signed_in,
    kinds,
    password,
    set_up_app,
    shown_codes,
    shown_secret,
    with_app,
)

REMOVAL = "/account/security/app/removal/"
CODES = "/account/security/codes/"


@pytest.fixture
def signed_in(client, rep):
    password(client, rep)
    return client


# Setting up


def test_an_app_is_set_up_by_its_first_code(signed_in, rep):
    page = signed_in.get("/account/security/app/")
    assert b'src="data:image/svg+xml;base64,' in page.content
    wrong = signed_in.post("/account/security/app/", {"code": "000000"})
    assert wrong.status_code == 422
    secret = shown_secret(wrong)
    assert secret == shown_secret(page)
    assert signed_in.post("/account/security/app/", {"code": code_of(secret)})["Location"] == CODES
    assert kinds(rep) == ["recovery_codes", "totp"]
    assert signed_in.get("/account/security/app/")["Location"] == SECURITY


def test_a_secret_is_sealed_in_the_database_and_in_the_session(signed_in, rep):
    secret = shown_secret(signed_in.get("/account/security/app/"))
    assert secret not in json.dumps(dict(signed_in.session))
    signed_in.post("/account/security/app/", {"code": code_of(secret)})
    kept = Authenticator.objects.get(user=rep, type="totp").data["secret"]
    assert secret not in kept
    assert sealing.opened(kept) == secret
    seed = Authenticator.objects.get(user=rep, type="recovery_codes").data["seed"]
    assert len(sealing.opened(seed)) == 80
    assert "mfa.totp.secret" not in signed_in.session


def test_a_former_key_opens_what_it_sealed_and_a_foreign_one_does_not(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the first key", []
    kept = sealing.sealed("JBSWY3DP")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the second key", ["the first key"]
    assert sealing.opened(kept) == "JBSWY3DP"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealing.Unreadable):
        sealing.opened(kept)


def test_a_lost_key_opens_nothing_and_breaks_no_page(client, rep, settings):
    secret, _codes = with_app(rep)
    Authenticator.objects.filter(type="totp").update(data={"secret": "changed"})
    password(client, rep)
    assert client.post(STEP, {"code": code_of(secret)}).status_code == 422
    assert not is_signed_in(client)


def test_users_are_told_by_mail_and_a_note_is_kept(signed_in, rep, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(signed_in)
    with django_capture_on_commit_callbacks(execute=True):
        signed_in.post(CODES)
    signed_in.post(REMOVAL)
    jobs.work_off()
    assert [mail.subject for mail in mailoutbox] == [
        "An authenticator app was set up",
        "New recovery codes were made",
        "Your authenticator app was removed",
    ]
    assert {to for mail in mailoutbox for to in mail.to} == {rep.email}
    assert "127.0.0.1" in mailoutbox[0].body
    notes = SignInNote.objects.order_by("pk").values_list("what", "by", "ip")
    assert list(notes) == [(what, rep.pk, "127.0.0.1") for what in ("app_added", "codes_made", "app_removed")]
    assert b"Authenticator app removed" in signed_in.get(SECURITY).content


def test_the_page_shows_what_is_set_up(signed_in, rep):
    assert b"Set up an app" in signed_in.get(SECURITY).content
    set_up_app(signed_in)
    page = signed_in.get(SECURITY).content.decode()
    assert "10 codes left" in page
    assert "not used yet" in page


# Signing in


def test_after_the_password_the_code_is_asked_for(client, rep):
    secret, _codes = with_app(rep)
    assert password(client, rep)["Location"] == STEP
    assert not is_signed_in(client)
    assert client.get(STEP).status_code == 200
    assert client.post(STEP, {"code": "123"}).status_code == 422
    assert client.post(STEP, {"code": code_of(secret)}).status_code == 302
    assert is_signed_in(client)


def test_the_way_somewhere_is_kept_through_the_second_step(client, rep):
    secret, _codes = with_app(rep)
    client.post(LOGIN, {"login": rep.email, "password": "stones-in-a-row", "next": "/account/"})
    assert client.post(STEP, {"code": code_of(secret)})["Location"] == "/account/"


def test_without_the_password_there_is_no_second_step(client, rep):
    secret, _codes = with_app(rep)
    assert client.get(STEP)["Location"] == LOGIN
    assert client.post(STEP, {"code": code_of(secret)})["Location"] == LOGIN
    assert not is_signed_in(client)


def test_a_code_is_accepted_once(rep):
    secret, _codes = with_app(rep)
    code = code_of(secret)
    first, second = Client(), Client()
    password(first, rep)
    password(second, rep)
    assert first.post(STEP, {"code": code}).status_code == 302
    assert second.post(STEP, {"code": f" {code[:3]}-{code[3:]} "}).status_code == 422
    assert not is_signed_in(second)


def test_the_code_that_set_the_app_up_signs_nobody_in(client, rep):
    browser = Client()
    password(browser, rep)
    secret = shown_secret(browser.get("/account/security/app/"))
    code = code_of(secret)
    browser.post("/account/security/app/", {"code": code})
    password(client, rep)
    assert client.post(STEP, {"code": code}).status_code == 422


def test_a_recovery_code_works_once(rep):
    _secret, codes = with_app(rep)
    assert len(set(codes)) == 10
    for browser, status in ((Client(), 302), (Client(), 422)):
        password(browser, rep)
        assert browser.post(STEP, {"code": codes[3]}).status_code == status


def test_one_may_turn_back_and_sign_in_as_somebody_else(client, rep, make_user):
    with_app(rep)
    other = make_user("other@firm.example")
    password(client, rep)
    client.post("/accounts/logout/")
    assert client.get(STEP)["Location"] == LOGIN
    password(client, other)
    assert is_signed_in(client)


class TestGuessing:
    def guess(self, user, *, most, **extra):
        """Return the statuses of so many wrong codes, each after the right password."""
        client = Client()
        password(client, user, **extra)
        return [client.post(STEP, {"code": "000000"}, **extra).status_code for _ in range(most)]

    def test_ten_codes_are_tried_and_no_more(self, rep, settings):
        secret, _codes = with_app(rep)
        most = settings.SIGN_IN_LIMITS["account"][0]
        assert self.guess(rep, most=most + 1) == [422] * most + [429]
        client = Client()
        password(client, rep)
        assert client.post(STEP, {"code": code_of(secret)}).status_code == 429
        assert not is_signed_in(client)

    def test_other_addresses_have_no_tries_of_their_own(self, rep, settings):
        """Even where the password was right before: an address is known by a whole sign-in alone."""
        with_app(rep)
        statuses = [self.guess(rep, most=3, REMOTE_ADDR=f"203.0.113.{number}") for number in range(5)]
        most = settings.SIGN_IN_LIMITS["account"][0]
        assert sum(statuses, []) == [422] * most + [429] * (15 - most)

    def test_an_address_has_as_many_tries_for_codes_as_for_passwords(self, rep, settings):
        with_app(rep)
        settings.SIGN_IN_LIMITS = settings.SIGN_IN_LIMITS | {"address": (3, 600)}
        assert self.guess(rep, most=4, REMOTE_ADDR="203.0.113.9") == [422, 422, 422, 429]

    def test_the_owner_gets_in_from_where_they_were_before(self, rep):
        secret, codes = with_app(rep)
        known = {"REMOTE_ADDR": "192.0.2.7"}
        client = Client()
        password(client, rep, **known)
        assert client.post(STEP, {"code": codes[0]}, **known).status_code == 302
        assert 429 in self.guess(rep, most=11, REMOTE_ADDR="203.0.113.9")
        again = Client()
        password(again, rep, **known)
        assert again.post(STEP, {"code": code_of(secret)}, **known).status_code == 302

    def test_who_is_asked_again_has_no_more_tries(self, rep, settings):
        client = Client()
        password(client, rep)
        set_up_app(client)
        wrong = [client.post("/account/reauthentication/code/", {"code": "000000"}).status_code for _ in range(11)]
        assert wrong == [422] * 10 + [429]
        assert self.guess(rep, most=1) == [429]

    def test_the_limits_hold_without_redis(self, rep, settings):
        settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
        with_app(rep)
        assert self.guess(rep, most=11)[-1] == 429

    @pytest.mark.parametrize(
        "code", ["", "0" * 33, "a\0b", "１２３４５６", "-", "x" * 4000, "\ud800"[:0] + "🙂"]
    )  # fmt: skip
    def test_what_is_no_code_is_refused(self, rep, code):
        with_app(rep)
        client = Client()
        password(client, rep)
        assert client.post(STEP, {"code": code}).status_code == 422


# Passkeys are tried in a browser (tests/browser/test_passkeys.py); here is what no browser sends

RUBBISH = [
    "",
    "null",
    "5",
    "[]",
    "{}",
    '"x"',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
    '{"response": {"userHandle": null}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", "authenticatorData": '
    '"AAAA", "signature": "AA", "userHandle": "MQ"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", "attestationObject": '
    '"o2"}}',
    '{"id": 1, "rawId": [], "type": {}, "response": {"clientDataJSON": 7, "attestationObject": "' + "A" * 30000 + '"}}',
]


@pytest.mark.parametrize("credential", RUBBISH)
def test_a_passkey_that_is_none_is_refused(client, rep, credential):
    with_app(rep)
    assert client.post("/accounts/passkey/", {"credential": credential}).status_code == 422
    client.get("/accounts/passkey/", HTTP_ACCEPT="application/json")
    assert client.post("/accounts/passkey/", {"credential": credential}).status_code == 422
    password(client, rep)
    assert client.post(STEP, {"credential": credential}).status_code == 422
    assert not is_signed_in(client)
    browser = Client()
    browser.post(LOGIN, {"login": rep.email, "password": "stones-in-a-row"})


@pytest.mark.parametrize("credential", RUBBISH)
def test_a_passkey_that_is_none_is_not_added(signed_in, rep, credential):
    signed_in.get("/account/security/passkeys/new/")
    response = signed_in.post("/account/security/passkeys/new/", {"name": "x", "credential": credential})
    assert response.status_code == 422
    assert kinds(rep) == []


def test_passkeys_belong_to_the_address_of_the_site(signed_in, settings):
    settings.BASE_URL = "https://crm.firm.example:8443"
    page = signed_in.get("/account/security/passkeys/new/", HTTP_HOST="127.0.0.1").content.decode()
    assert "&quot;id&quot;: &quot;crm.firm.example&quot;" in page


# Recovery codes


def test_codes_are_shown_until_they_are_kept_and_never_again(signed_in, rep):
    set_up_app(signed_in)
    codes = shown_codes(signed_in)
    file = signed_in.get("/account/security/codes/file/")
    assert file["Content-Disposition"] == 'attachment; filename="cornerstone-recovery-codes.txt"'
    assert file["Content-Type"].startswith("text/plain")
    assert re.findall(r"^\d{8}\b", file.content.decode(), re.M) == codes
    signed_in.post("/account/security/codes/kept/")
    assert shown_codes(signed_in) == []
    assert signed_in.get("/account/security/codes/file/").status_code == 404


def test_another_browser_of_the_same_user_is_not_shown_the_codes(signed_in, rep):
    secret = set_up_app(signed_in)
    elsewhere = Client()
    password(elsewhere, rep)
    elsewhere.post(STEP, {"code": code_of(secret)})
    assert shown_codes(elsewhere) == []
    assert elsewhere.get("/account/security/codes/file/").status_code == 404


def test_new_codes_replace_the_former(rep, signed_in):
    set_up_app(signed_in)
    former = shown_codes(signed_in)
    signed_in.post(CODES)
    now = shown_codes(signed_in)
    assert len(now) == 10
    assert not set(now) & set(former)
    client = Client()
    password(client, rep)
    assert client.post(STEP, {"code": former[0]}).status_code == 422
    assert client.post(STEP, {"code": now[0]}).status_code == 302


def test_reading_the_codes_changes_nothing(signed_in, rep):
    set_up_app(signed_in)
    before = list(Authenticator.objects.values())
    signed_in.get(CODES)
    signed_in.get("/account/security/codes/file/")
    assert list(Authenticator.objects.values()) == before


# Who is there?


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/account/security/app/"),
        ("post", "/account/security/app/"),
        ("post", CODES),
        ("post", REMOVAL),
        ("get", "/account/security/passkeys/new/"),
        ("post", "/account/security/passkeys/new/"),
    ],
)
def test_an_older_session_is_asked_who_it_is_before_anything_is_changed(client, rep, method, path):
    if path in (CODES, REMOVAL):
        with_app(rep)
    client.force_login(rep)
    before = kinds(rep)
    response = getattr(client, method)(path)
    assert unquote(response["Location"]) == f"/account/reauthentication/?next={path}"
    assert kinds(rep) == before


def test_the_password_lets_the_owner_go_on(client, rep):
    client.force_login(rep)
    way = client.get("/account/security/app/")["Location"]
    assert client.post(way, {"password": "wrong"}).status_code == 422
    assert client.post(way, {"password": "stones-in-a-row"})["Location"] == "/account/security/app/"
    assert client.get("/account/security/app/").status_code == 200


def test_what_was_sent_before_the_question_is_done_after_it(client, rep):
    with_app(rep)
    client.force_login(rep)
    way = client.post(REMOVAL)["Location"]
    client.post(way, {"password": "stones-in-a-row"})
    assert kinds(rep) == []


def test_wrong_passwords_there_are_counted_as_at_sign_in(client, rep):
    client.force_login(rep)
    statuses = [client.post("/account/reauthentication/", {"password": "wrong"}).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


def test_a_passkey_of_somebody_else_is_missing(client, rep, make_user):
    other = make_user("other@firm.example")
    theirs = Authenticator.objects.create(user=other, type="webauthn", data={"name": "Theirs", "credential": {}})
    password(client, rep)
    for path in (f"/account/security/passkeys/{theirs.pk}/", f"/account/security/passkeys/{theirs.pk}/removal/"):
        for response in (client.get(path), client.post(path, {"name": "Mine"})):
            assert response.status_code == 404
    theirs.refresh_from_db()
    assert theirs.data["name"] == "Theirs"


# A role that asks for it


@pytest.fixture
def required(db):
    Role.objects.filter(key="rep").update(mfa_required=True)


class TestRequired:
    @pytest.mark.parametrize("path", ["/", "/people/", "/account/", "/search/?q=a", "/jobs/", "/people/new/"])
    def test_nothing_opens_before_a_second_step_is_set_up(self, signed_in, required, path):
        assert signed_in.get(path)["Location"] == SECURITY
        part = signed_in.get(path, HTTP_HX_REQUEST="true")
        assert part["HX-Redirect"] == SECURITY
        assert len(part.content) == 0

    @pytest.mark.parametrize("path", ["/people/new/", "/account/", "/account/theme/", "/tasks/new/"])
    def test_what_is_sent_is_refused_with_the_way_there(self, signed_in, rep, required, path):
        response = signed_in.post(path, {"given_name": "X", "timezone": "UTC", "theme": "dark"})
        assert response.status_code == 403
        assert SECURITY.encode() in response.content
        rep.refresh_from_db()
        assert (rep.given_name, rep.theme) == ("Ingrid", "")

    def test_it_holds_from_the_next_request_on_and_ends_so(self, signed_in, rep):
        assert signed_in.get("/people/").status_code == 200
        Role.objects.filter(key="rep").update(mfa_required=True)
        assert signed_in.get("/people/").status_code == 302
        Role.objects.filter(key="rep").update(mfa_required=False)
        assert signed_in.get("/people/").status_code == 200

    def test_an_app_opens_everything(self, signed_in, required):
        assert b"Your role asks for a second step" in signed_in.get(SECURITY).content
        set_up_app(signed_in)
        assert len(shown_codes(signed_in)) == 10
        assert signed_in.get("/people/").status_code == 200

    def test_one_may_still_sign_out_and_health_answers(self, signed_in, required):
        assert signed_in.get("/healthz").status_code == 200
        assert signed_in.get("/accounts/logout/").status_code == 200
        signed_in.post("/accounts/logout/")
        assert signed_in.get("/account/")["Location"].startswith(LOGIN)

    def test_other_roles_are_left_alone(self, client, make_user, required):
        password(client, make_user("m@firm.example", role="manager"))
        assert client.get("/people/").status_code == 200

    def test_recovery_codes_alone_are_no_second_step(self, signed_in, rep, required):
        Authenticator.objects.create(
            user=rep, type="recovery_codes", data={"seed": sealing.sealed("a"), "used_mask": 0}
        )
        assert signed_in.get("/people/").status_code == 302

    def test_the_last_step_stays(self, signed_in, rep, required):
        set_up_app(signed_in)
        assert b"Your role asks for a second step" in signed_in.get(REMOVAL).content
        assert signed_in.post(REMOVAL).status_code == 422
        assert "totp" in kinds(rep)
        Role.objects.filter(key="rep").update(mfa_required=False)
        assert signed_in.post(REMOVAL)["Location"] == SECURITY
        assert kinds(rep) == []

    def test_the_last_passkey_stays_and_the_last_but_one_goes(self, signed_in, rep, required):
        first, second = (
            Authenticator.objects.create(user=rep, type="webauthn", data={"name": name, "credential": {}})
            for name in ("One", "Two")
        )
        assert signed_in.post(f"/account/security/passkeys/{first.pk}/removal/")["Location"] == SECURITY
        assert signed_in.post(f"/account/security/passkeys/{second.pk}/removal/").status_code == 422
        assert kinds(rep) == ["webauthn"]


def test_a_page_asks_no_more_queries_for_it(client, rep, django_assert_num_queries):
    with_app(rep)
    client.force_login(rep)
    client.get("/gallery/")
    with CaptureQueriesContext(connection) as before:
        client.get("/gallery/")
    Role.objects.filter(key="rep").update(mfa_required=True)
    with django_assert_num_queries(len(before)):
        client.get("/gallery/")


# An administrator takes a lost one back


class TestReset:
    def test_it_removes_everything_ends_sessions_tells_and_notes(self, rep, make_user, mailoutbox):
        administrator = make_user("admin@firm.example", role="administrator", given_name="Ada", family_name="Admin")
        browser = Client()
        password(browser, rep)
        set_up_app(browser)
        assert second_step.reset(rep, by=administrator) == 2
        assert kinds(rep) == []
        assert not is_signed_in(browser)
        jobs.work_off()
        assert [(mail.to, mail.subject) for mail in mailoutbox[-1:]] == [
            ([rep.email], "Your two-step sign-in was reset")
        ]
        assert "by Ada Admin" in mailoutbox[-1].body
        note = SignInNote.objects.get(what="step_reset")
        assert (note.user, note.by) == (rep, administrator)
        assert password(Client(), rep)["Location"] == "/"

    def test_whoever_may_not_administer_changes_nothing(self, rep, make_user):
        with_app(rep)
        for role in ("manager", "auditor", "rep"):
            with pytest.raises(PermissionDenied):
                second_step.reset(rep, by=make_user(f"a-{role}@firm.example", role=role))
        assert kinds(rep) == ["recovery_codes", "totp"]
        assert not SignInNote.objects.filter(what="step_reset").exists()

    def test_the_command_line_helps_the_last_administrator(self, rep, capsys):
        with_app(rep)
        call_command("reset_second_step", rep.email)
        assert kinds(rep) == []
        with pytest.raises(CommandError):
            call_command("reset_second_step", "nobody@firm.example")


def test_addresses_are_where_allauth_looks_for_them():
    assert reverse("mfa_index") == SECURITY
    assert reverse("mfa_authenticate") == STEP
