"""Signing in: who gets in, who is kept out, and what a stranger can learn."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm import jobs
from crm.accounts.hashers import Argon2
from crm.jobs import Job
from crm.mailing import OutgoingMail
from tests.crm.conftest import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(client, login, password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": login, "password": password}, **extra)


def is_signed_in(client):
    return client.get("/account/").status_code == 200


@pytest.mark.parametrize("spelling", ["rep@firm.example", " REP@Firm.Example "])
def test_the_right_password_opens(client, rep, spelling):
    response = sign_in(client, spelling)
    assert response.status_code == 302
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("_case", "login", "password"),
    [
        ("a wrong password", "rep@firm.example", "wrong"),
        ("an account that does not exist", "nobody@firm.example", PASSWORD),
        ("no password", "rep@firm.example", ""),
        ("no e-mail address", "rep", PASSWORD),
        ("a NUL in the password", "rep@firm.example", "a\0b"),
    ],
)
def test_anything_else_does_not(client, rep, _case, login, password):
    response = sign_in(client, login, password)
    assert response.status_code == 422
    assert not is_signed_in(client)


def test_a_wrong_password_and_a_missing_account_look_the_same(client, rep):
    pages = [sign_in(client, login, "wrong").content.decode() for login in (rep.email, "nobody@firm.example")]
    known, unknown = (re.sub(r'value="[^"]*"', "", page) for page in pages)
    assert known == unknown


@pytest.mark.parametrize("login", ["rep@firm.example", "nobody@firm.example"])
def test_a_missing_account_takes_as_long_as_a_wrong_password(client, rep, login, monkeypatch):
    """Hashing is what takes the time, and it is done once either way."""
    hashed = []
    for name in ("encode", "verify"):
        done = getattr(Argon2, name)
        monkeypatch.setattr(Argon2, name, lambda *given, done=done: hashed.append(1) or done(*given))
    sign_in(client, login, "wrong")
    assert len(hashed) == 1


def test_a_closed_account_stays_closed(client, make_user):
    user = make_user(is_active=False)
    assert sign_in(client, user.email)["Location"] == "/accounts/inactive/"
    assert client.get("/accounts/inactive/").status_code == 200
    assert not is_signed_in(client)


def test_closing_an_account_ends_its_sessions(client, rep):
    sign_in(client, rep.email)
    rep.is_active = False
    rep.save()
    assert not is_signed_in(client)


def test_passwords_are_kept_as_argon2id(rep):
    assert rep.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_older_hash_is_renewed_at_sign_in(client, rep):
    from django.contrib.auth.hashers import make_password

    rep.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    rep.save()
    sign_in(client, rep.email)
    rep.refresh_from_db()
    assert "argon2id" in rep.password


@pytest.mark.parametrize("path", ["signup/", "email/", "confirm-email/", "password/set/", "login/code/confirm/"])
def test_what_we_do_not_use_is_not_there(client, db, path):
    assert client.get(f"/accounts/{path}").status_code == 404


@pytest.mark.parametrize(
    "next_url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_nobody_is_sent_to_a_foreign_site(client, rep, next_url):
    response = client.post(LOGIN, {"login": rep.email, "password": PASSWORD, "next": next_url})
    assert response["Location"] == "/"


def test_who_was_on_the_way_somewhere_gets_there(client, rep):
    assert client.get("/account/")["Location"] == f"{LOGIN}?next=/account/"
    response = client.post(LOGIN, {"login": rep.email, "password": PASSWORD, "next": "/account/"})
    assert response["Location"] == "/account/"


def test_signing_in_changes_the_session_key(client, rep):
    client.get(LOGIN)
    client.session["before"] = 1
    before = client.session.session_key
    sign_in(client, rep.email)
    assert client.cookies["sessionid"].value != before
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["sessionid"]["samesite"] == "Lax"


def test_signing_out_takes_a_post(client, rep):
    sign_in(client, rep.email)
    assert client.get("/accounts/logout/").status_code == 200
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)


class TestLimits:
    most = settings.SIGN_IN_LIMITS["account"][0]

    def test_an_account_is_closed_to_guessing_even_from_many_addresses(self, client, rep):
        for number in range(self.most):
            assert sign_in(client, rep.email, "wrong", REMOTE_ADDR=f"203.0.113.{number}").status_code == 422
        response = sign_in(client, rep.email, REMOTE_ADDR="198.51.100.1")
        assert response.status_code == 429
        assert not is_signed_in(client)

    @pytest.mark.parametrize("spelling", ["REP@firm.example", " rep@firm.example", "rep@FIRM.example"])
    def test_another_spelling_has_no_tries_of_its_own(self, client, rep, spelling):
        for _ in range(self.most):
            sign_in(client, rep.email, "wrong")
        assert sign_in(client, spelling).status_code == 429

    def test_another_host_name_has_no_tries_of_its_own(self, client, rep):
        for _ in range(self.most):
            sign_in(client, rep.email, "wrong")
        assert sign_in(client, rep.email, HTTP_HOST="127.0.0.1:8001").status_code == 429

    def test_an_account_that_does_not_exist_is_closed_just_so(self, client, db):
        for _ in range(self.most):
            assert sign_in(client, "nobody@firm.example", "wrong").status_code == 422
        assert sign_in(client, "nobody@firm.example", "wrong").status_code == 429

    def test_the_owner_gets_in_from_where_they_were_before(self, client, rep):
        sign_in(client, rep.email, REMOTE_ADDR="192.0.2.7")
        client.post("/accounts/logout/")
        for number in range(self.most + 5):
            sign_in(Client(), rep.email, "wrong", REMOTE_ADDR=f"203.0.113.{number}")
        assert sign_in(Client(), rep.email, REMOTE_ADDR="198.51.100.1").status_code == 429
        assert sign_in(client, rep.email, REMOTE_ADDR="192.0.2.7").status_code == 302

    def test_an_address_is_closed_to_guessing_many_accounts(self, client, db, settings):
        settings.SIGN_IN_LIMITS = settings.SIGN_IN_LIMITS | {"address": (3, 600)}
        for number in range(3):
            sign_in(client, f"user{number}@firm.example", "wrong")
        assert sign_in(client, "user4@firm.example", "wrong").status_code == 429
        assert sign_in(client, "user4@firm.example", "wrong", REMOTE_ADDR="198.51.100.1").status_code == 422

    def test_there_is_a_limit_for_all_together_but_not_for_those_known(self, client, rep, settings):
        sign_in(Client(), rep.email, REMOTE_ADDR="192.0.2.7")
        settings.SIGN_IN_LIMITS = settings.SIGN_IN_LIMITS | {"all": (3, 600)}
        for number in range(4):
            sign_in(client, f"user{number}@firm.example", "wrong", REMOTE_ADDR=f"203.0.113.{number}")
        assert sign_in(client, rep.email, REMOTE_ADDR="198.51.100.1").status_code == 429
        assert sign_in(client, rep.email, REMOTE_ADDR="192.0.2.7").status_code == 302

    def test_who_signs_in_often_is_not_limited(self, client, rep):
        for _ in range(self.most + 5):
            assert sign_in(client, rep.email).status_code == 302
            client.post("/accounts/logout/")

    def test_a_new_password_by_mail_opens_the_account_again(self, client, rep, mailoutbox):
        for _ in range(self.most + 1):
            sign_in(client, rep.email, "wrong")
        set_new_password(client, rep, mailoutbox, "a-new-row-of-stones")
        assert sign_in(client, rep.email, "a-new-row-of-stones").status_code == 302

    @pytest.mark.django_db(transaction=True)
    def test_fifty_at_once_get_no_more_tries_than_fifty_in_a_row(self, rep, monkeypatch):
        looked_at = []
        check = type(rep).check_password
        monkeypatch.setattr(type(rep), "check_password", lambda user, raw: looked_at.append(1) or check(user, raw))

        def attempt(number):
            try:
                return sign_in(Client(), rep.email, f"wrong{number}").status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(attempt, range(50)))
        assert len(looked_at) == self.most
        assert answers.count(422) == self.most
        assert answers.count(429) == 50 - self.most

    def test_the_limits_hold_without_redis(self, client, rep, settings):
        settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
        for _ in range(self.most):
            sign_in(client, rep.email, "wrong")
        assert sign_in(client, rep.email).status_code == 429


def set_new_password(client, user, mailoutbox, password):
    client.post("/accounts/password/reset/", {"email": user.email})
    jobs.work_off()
    path = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mailoutbox[-1].body)[1]
    form = client.get(path)["Location"]
    return client.post(form, {"password1": password, "password2": password})


class TestNewPassword:
    def test_the_link_in_the_mail_sets_a_new_password_once(self, client, rep, mailoutbox):
        response = set_new_password(client, rep, mailoutbox, "a-new-row-of-stones")
        assert response["Location"] == "/accounts/password/reset/key/done/"
        rep.refresh_from_db()
        assert rep.check_password("a-new-row-of-stones")
        assert [(note.what, note.by) for note in rep.sign_in_notes.all()] == [("password_changed", rep)]
        path = re.search(r"http://[^/]+(/accounts/password/reset/key/\S+)", mailoutbox[0].body)[1]
        assert b"does not work any more" in Client().get(path).content

    def test_the_link_leads_to_our_own_address(self, client, rep, mailoutbox):
        client.post("/accounts/password/reset/", {"email": rep.email}, HTTP_HOST="127.0.0.1")
        jobs.work_off()
        assert settings.BASE_URL + "/accounts/password/reset/key/" in mailoutbox[0].body

    def test_nobody_learns_whether_there_is_an_account(self, client, rep, mailoutbox):
        answers = [
            client.post("/accounts/password/reset/", {"email": email}) for email in (rep.email, "no@firm.example")
        ]
        assert {(answer.status_code, answer["Location"]) for answer in answers} == {
            (302, "/accounts/password/reset/done/")
        }
        assert Job.objects.count() == 2
        jobs.work_off()
        assert [mail.to for mail in mailoutbox] == [[rep.email]]

    def test_a_closed_account_gets_no_link(self, client, make_user, mailoutbox):
        make_user(is_active=False)
        client.post("/accounts/password/reset/", {"email": "rep@firm.example"})
        jobs.work_off()
        assert mailoutbox == []

    def test_one_address_is_not_flooded_with_mail(self, client, rep):
        answers = [client.post("/accounts/password/reset/", {"email": rep.email}).status_code for _ in range(6)]
        assert answers == [302] * 5 + [429]

    def test_neither_the_job_nor_the_outbox_holds_the_link(self, client, rep, mailoutbox):
        client.post("/accounts/password/reset/", {"email": rep.email})
        jobs.work_off()
        assert Job.objects.get(kind="crm.mail_password_reset").arguments == {"email": rep.email}
        kept = OutgoingMail.objects.get()
        assert (kept.text, kept.html, kept.arguments) == ("", "", {"user": rep.pk})
        assert "/password/reset/key/" in mailoutbox[0].body

    @pytest.mark.parametrize("password", ["short", "password123", "solheim-12"])
    def test_a_weak_password_is_refused(self, client, rep, mailoutbox, password):
        assert set_new_password(client, rep, mailoutbox, password).status_code == 422

    def test_a_change_asks_for_the_old_password_and_ends_the_other_sessions(self, client, rep):
        elsewhere = Client()
        sign_in(elsewhere, rep.email)
        sign_in(client, rep.email)
        new = {"password1": "a-new-row-of-stones", "password2": "a-new-row-of-stones"}
        assert client.post("/accounts/password/change/", {"oldpassword": "wrong", **new}).status_code == 422
        assert client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new})["Location"] == "/account/"
        assert is_signed_in(client)
        assert not is_signed_in(elsewhere)

    def test_who_has_no_password_gets_one_by_mail(self, client, make_user):
        client.force_login(make_user(password=None))
        assert client.get("/accounts/password/change/")["Location"] == "/accounts/password/reset/"


def test_a_session_costs_a_page_two_queries(client, rep, django_assert_num_queries):
    """One for the session, one for the user with role, team, grants and the teams they see."""
    sign_in(client, rep.email)
    with django_assert_num_queries(2):
        client.get("/accounts/logout/")


def test_the_user_of_a_session_is_theirs_and_not_the_one_before(make_user):
    """The statement that finds them is kept from request to request."""
    names = {}
    for name in ("ada", "bea", "cleo"):
        browser = Client()
        browser.force_login(make_user(f"{name}@firm.example", given_name=name, family_name="X"))
        names[name] = browser
    for name, browser in [*names.items(), *names.items()]:
        assert f'value="{name}"' in browser.get("/account/").content.decode()


def test_a_session_that_is_over_or_emptied_is_nobody_s(client, rep):
    sign_in(client, rep.email)
    Session.objects.update(expire_date=timezone.now())
    assert not is_signed_in(client)
    sign_in(client, rep.email)
    Session.objects.update(session_data="rubbish")
    assert not is_signed_in(client)


def test_signing_in_twice_leaves_one_session(client, rep):
    sign_in(client, rep.email)
    client.post("/accounts/logout/")
    sign_in(client, rep.email)
    assert Session.objects.count() == 1
