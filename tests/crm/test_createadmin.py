"""`manage.py createadmin`: one administrator for a fresh site, with a password worth the name."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from crm.models import User
from tests.factories import crm

pytestmark = pytest.mark.django_db
GOOD = "five-green-Bottles"


@pytest.fixture
def create(monkeypatch):
    def create(email="Ada@Firm.Example", password=GOOD, **options):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        call_command("createadmin", email, password_stdin=True, stdout=io.StringIO(), **options)

    return create


def test_a_fresh_site_gets_an_administrator_who_can_sign_in(create):
    create(given_name="Ada", timezone="Europe/Oslo")
    made = User.objects.get(email="ada@firm.example")
    assert (made.role.key, made.is_active, made.timezone) == ("administrator", True, "Europe/Oslo")
    client = Client()
    client.post("/accounts/login/", {"login": "ada@firm.example", "password": GOOD})
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "nobody"}, "valid email"),
        ({"password": "password12"}, "common"),
        ({"password": "short"}, "short"),
        ({"timezone": "Mars/Olympus"}, "time zone"),
    ],
)
def test_what_is_wrong_is_said_and_nobody_is_made(create, wrong, said):
    with pytest.raises(CommandError, match=said):
        create(**wrong)
    assert not User.objects.exists()


def test_a_second_one_is_made_only_when_asked_for(create):
    crm.user(role="administrator")
    with pytest.raises(CommandError, match="already"):
        create()
    create(another=True)
    assert User.objects.filter(role__key="administrator").count() == 2


def test_an_address_is_taken_only_once(create):
    create()
    with pytest.raises(CommandError, match="already exists"):
        create(another=True)
