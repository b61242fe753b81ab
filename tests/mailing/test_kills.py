"""The worker's whole process group is killed at random: nobody gets two mails, nobody is unaccounted for.

What was sent is counted where it arrived: in a mail server in a process of its own.
"""

import random
import time
from collections import Counter
from datetime import timedelta

import pytest

from crm import mailing
from crm.jobs import Job
from crm.mailing import outcomes, reconciling, working
from crm.mailing.rows import OutgoingMail
from tests.crm.workers import kill, started_worker, wait_until
from tests.mailing.servers import goes_to, mail_server

pytestmark = pytest.mark.django_db(transaction=True)


def states():
    return Counter(OutgoingMail.objects.values_list("state", flat=True))


def arrived(server):
    """Return how often each (Message-ID, recipient) arrived."""
    return Counter((mail["Message-ID"], mail["X-Envelope-To"]) for mail in server.mails())


def written(number):
    for position in range(number):
        mailing.send(to=f"person{position:04}@mail.example", subject=f"Offer {position}", text="Here it is.")


def is_quiet():
    return not OutgoingMail.objects.filter(state__in=["waiting", "sending"]).exists()


@pytest.mark.parametrize(
    ("number", "kills", "seed"),
    [pytest.param(150, 2, 3, id="few"), pytest.param(2000, 20, 20, id="many", marks=pytest.mark.long)],
)
def test_killed_at_any_moment_nobody_gets_two_and_nobody_is_unaccounted_for(
    tmp_path, settings, monkeypatch, number, kills, seed
):
    chance, cut_short = random.Random(seed), 0
    with mail_server(tmp_path / "mail", "tests.mailing.moody_server", "--mood", "slow", "--most", "5000") as server:
        monkeypatch.setenv("EMAIL_URL", server.url)
        written(number)
        for _turn in range(kills):
            before = states()["sent"]
            process = started_worker(tmp_path)
            try:
                wait_until(lambda least=before: is_quiet() or states()["sent"] > least, seconds=90)
                time.sleep(chance.uniform(0, 1.6))
            finally:
                kill(process)
            cut_short += not is_quiet()
        process = started_worker(tmp_path)
        try:
            wait_until(is_quiet, seconds=240)
        finally:
            kill(process)
        assert cut_short == kills, "every kill has to fall into the work"
        _check(server, number, settings)


def _check(server, number, settings):
    got = arrived(server)
    assert set(got.values()) == {1}, "somebody got two"
    found = states()
    assert set(found) <= {"sent", "in_doubt"} and sum(found.values()) == number
    told = set(OutgoingMail.objects.filter(state="sent").values_list("message_id", "to_key"))
    assert told <= set(got), "said to be sent, and never arrived"

    settings.MAIL_SINK = server.folder
    settled = reconciling.reconcile(grace=timedelta(0))
    assert settled["found"] + settled["not found"] == found["in_doubt"]
    assert states()["sent"] == len(got)
    missing = OutgoingMail.objects.filter(state="in_doubt")
    assert {mail.to_key for mail in missing}.isdisjoint(to for _id, to in got)
    assert all(mail.looked_at and mail.asks for mail in missing)
    print(f"{number} mails, {found['in_doubt']} in doubt, of which {settled['found']} had arrived")

    for mail in missing:
        assert mailing.send_again(mail, by=None)
    _work_off_here(server, settings)
    assert states() == {"sent": number}
    assert len(arrived(server)) == number and set(arrived(server).values()) == {1}
    assert not Job.objects.filter(kind="crm.send_mails", state="dead").exists()


def _work_off_here(server, settings):
    goes_to(settings, server)
    working.work()


def test_a_server_in_a_bad_mood_gets_nothing_twice(tmp_path, settings, monkeypatch):
    """It refuses, forgets and hangs up at random; what it may have taken is in doubt and never sent again by itself."""
    for name in ("FIRST_WAIT", "LONGEST_WAIT", "FIRST_PAUSE", "LONGEST_PAUSE"):
        monkeypatch.setattr(outcomes, name, 0.01)
    with mail_server(tmp_path / "mail", "tests.mailing.moody_server", "--mood", "wild", "--most", "5000") as server:
        goes_to(settings, server)
        written(150)
        gone = [mailing.send(to=f"gone{number}@mail.example", subject="x", text="x") for number in range(3)]
        wait_until(lambda: working.work(seconds=5) and is_quiet(), seconds=240)
        got, found = arrived(server), states()
        assert set(got.values()) == {1}
        assert set(found) == {"sent", "in_doubt", "refused"} and found["refused"] == 3
        doubtful = set(OutgoingMail.objects.filter(state="in_doubt").values_list("message_id", "to_key"))
        assert set(OutgoingMail.objects.filter(state="sent").values_list("message_id", "to_key")) == set(got) - doubtful
        assert doubtful & set(got) and doubtful - set(got), "some arrived and some did not, and nobody could know"
        settings.MAIL_SINK = server.folder
        reconciling.reconcile(grace=timedelta(0))
        assert states()["sent"] == len(got)
        again = mailing.send(to=gone[0].to, subject="x", text="x")
        wait_until(lambda: working.work(seconds=5) and is_quiet(), seconds=240)
        assert OutgoingMail.objects.get(pk=again.pk).reason == "suppressed"
