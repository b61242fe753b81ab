"""A form sent many times at once acts once, and everybody gets the answer; another content is another submission."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from contacts.models import Person
from crm.models import Submission
from tests.factories import crm

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {"given_name": "Ada", "family_name": "Once", "stage": "lead", "once": "a" * 32}


def made():
    return Person.objects.unscoped(because="a test counts").count()


@pytest.fixture
def sender():
    user = crm.user(role="rep")

    def send(**changed):
        client = Client()
        client.force_login(user)
        try:
            return client.post("/people/quick/", FORM | changed)
        finally:
            connection.close()

    return send


def test_twenty_at_once_make_one_record_and_lead_to_it(sender):
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _turn: sender(), range(20)))
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer["Location"] for answer in answers}) == 1
    assert made() == 1


def test_the_same_key_with_other_words_is_another_submission(sender):
    assert sender()["Location"] != sender(given_name="Grace")["Location"]
    assert made() == 2


def test_what_was_refused_is_not_remembered(sender):
    assert sender(given_name="", family_name="").status_code == 422
    assert not Submission.objects.exists()


def test_a_colleague_with_the_same_key_and_words_makes_their_own(sender):
    sender()
    colleague = Client()
    colleague.force_login(crm.user(role="rep"))
    colleague.post("/people/quick/", FORM)
    assert made() == 2
