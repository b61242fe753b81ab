"""What an administrator takes back of a colleague's signing in."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client

from crm import jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(make_user):
    client = Client()
    client.force_login(make_user("boss@firm.example", role="administrator"))
    return client


def test_a_user_is_signed_out_everywhere_from_the_next_request_on(admin, rep, client):
    client.force_login(rep)
    assert client.get("/people/").status_code == 200
    assert b"Sign out everywhere" in admin.get(f"/settings/users/{rep.pk}/").content
    assert admin.post(f"/settings/users/{rep.pk}/sessions/end/").status_code == 302
    assert client.get("/people/").status_code == 302
    assert not UserSession.objects.filter(user=rep).exists()


def test_a_lost_second_step_is_reset_and_its_owner_told(admin, rep):
    Authenticator.objects.create(user=rep, type="webauthn", data={"name": "Key", "credential": {}})
    assert b"Reset the second step" in admin.get(f"/settings/users/{rep.pk}/").content
    assert admin.post(f"/settings/users/{rep.pk}/second-step/reset/").status_code == 302
    assert not Authenticator.objects.filter(user=rep).exists()
    jobs.work_off()
    assert [sent.to for sent in mail.outbox] == [[rep.email]]


def test_recovery_codes_alone_are_shown_as_no_second_step(admin, rep):
    Authenticator.objects.create(user=rep, type="recovery_codes", data={})
    assert b"Reset the second step" not in admin.get(f"/settings/users/{rep.pk}/").content
    assert b'<td role="cell">On</td>' not in admin.get("/settings/users/").content


def test_the_account_at_the_provider_is_forgotten(admin, rep):
    SocialAccount.objects.create(user=rep, provider="oidc", uid="subject-1")
    assert b"Forget the provider" in admin.get(f"/settings/users/{rep.pk}/").content
    assert admin.post(f"/settings/users/{rep.pk}/provider/unlink/").status_code == 302
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("act", ["sessions/end", "second-step/reset", "provider/unlink"])
def test_nobody_else_does_so(act, rep, make_user, client):
    client.force_login(make_user("other@firm.example", role="manager"))
    assert client.post(f"/settings/users/{rep.pk}/{act}/").status_code == 404
