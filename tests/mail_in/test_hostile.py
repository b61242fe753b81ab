"""Mails made to hurt: each is stored once or set aside, in at most five seconds and 200 MB, and the next is read.

Four of the seconds are those of the process that reads, which holds to them by its own clock; the fifth is counted here
as work of this process, which does not grow with what else the machine does.
"""

import time
from collections import Counter

import pytest
from django.test import Client

from crm import jobs, receiving
from crm.jobs import Job
from crm.mime import html, limits, reader
from crm.models import RawMail, ReceivedMail
from crm.receiving import identity
from interactions.models import Interaction
from tests.factories import contacts, crm
from tests.mail_in.conftest import mailbox, written
from tests.mail_in.hostile import KINDS, corpus

pytestmark = pytest.mark.django_db
MOST_SECONDS, MOST_KILOBYTES = 1, 200 * 1024


def take_all(count, seed, box):
    """Take the corpus in; return (mails, seconds of work with the slowest, kilobytes of the largest reader)."""
    slowest, largest, mails = (0, ""), (0, ""), {}
    for name, raw in corpus(count, seed):
        began = time.process_time()
        taken = receiving.take(raw, came_by="imap", mailbox=box)
        jobs.work_off()
        slowest = max(slowest, (time.process_time() - began, name))
        largest = max(largest, *((one.peak, name) for one in reader._readers.values()), (0, ""))
        mails[name] = (taken.pk, identity.digest(raw))
    return mails, slowest, largest


@pytest.mark.parametrize(
    ("count", "seed"),
    [pytest.param(40, 4, id="forty"), pytest.param(1000, 5, id="thousand", marks=pytest.mark.long)],
)
def test_every_hostile_mail_is_stored_once_or_set_aside_within_the_limits(count, seed):
    owner = crm.user("Ingrid")
    contacts.person(owner, given_name="Mallory", emails=["mallory@evil.example"])
    box = mailbox(owner, way="imap", host="x", username="x")
    mails, slowest, largest = take_all(count, seed, box)
    assert slowest[0] < MOST_SECONDS, slowest
    assert largest[0] < MOST_KILOBYTES, largest
    different = {digest for _pk, digest in mails.values()}
    assert RawMail.objects.count() == ReceivedMail.objects.count() == len(different)
    assert not ReceivedMail.objects.filter(state="waiting").exists()
    assert not Job.objects.exclude(state="done").exists(), list(Job.objects.exclude(state="done").values("error"))
    states = Counter(ReceivedMail.objects.values_list("state", flat=True))
    assert states["quarantined"] > count / 5
    assert states["handled"] > count / 5  # most of them can be read, and are only odd
    logged = ReceivedMail.objects.filter(state="handled").count()
    assert Interaction.objects.unscoped(because="a test counts").count() == logged
    assert receiving.take(written(), came_by="imap", mailbox=box)
    jobs.work_off()
    assert ReceivedMail.objects.order_by("-pk").first().state == "parsed"
    _check_pages(owner)


def _check_pages(owner):
    """Whatever was kept can be shown without harm."""
    client = Client()
    client.force_login(owner)
    for mail in ReceivedMail.objects.exclude(state="deleted").order_by("pk"):
        assert client.get(f"/mail/received/{mail.pk}/").status_code == 200
        if mail.html and mail.is_readable:
            page = client.get(f"/mail/received/{mail.pk}/html/").content.decode().lower()
            assert "<script" not in page
            assert " onerror" not in page.split("<body>")[0]
            assert html.depth(mail.html) <= limits.HTML_DEPTH
    assert client.get("/mail/?state=all").status_code == 200
    assert client.get("/mail/?state=aside").status_code == 200


def test_the_corpus_is_the_same_for_the_same_seed_and_has_every_kind():
    once, again = ([(name, identity.digest(raw)) for name, raw in corpus(60, 9)] for _time in range(2))
    assert once == again
    assert {name.rpartition("-")[0] for name, _digest in once} == set(KINDS)
