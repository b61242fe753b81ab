import re
from datetime import timedelta

import pytest
from django.utils import timezone

from crm import jobs
from crm.jobs import Job


@pytest.fixture
def job(rep):
    return jobs.enqueue("crm.send_mail", by=rep, to="a@b.example", subject="Hello", body="Secret words")


@pytest.mark.parametrize(
    ("_case", "who", "status"),
    [
        ("who asked for it", "rep@firm.example", 200),
        ("an administrator", "boss@firm.example", 200),
        ("a colleague", "other@firm.example", 404),
    ],
)
def test_who_sees_a_job(client, make_user, job, _case, who, status):
    users = {"rep@firm.example": job.asked_by}
    role = "administrator" if who.startswith("boss") else "manager"
    client.force_login(users.get(who) or make_user(who, role=role))
    assert client.get(f"/jobs/{job.pk}/").status_code == status
    assert (b"Send a mail" in client.get("/jobs/").content) is (status == 200)
    assert client.post(f"/jobs/{job.pk}/cancellation/").status_code == (302 if status == 200 else 404)
    assert Job.objects.filter(state="cancelled").exists() is (status == 200)


def test_a_job_that_was_given_up_can_be_tried_again(client, rep, job):
    Job.objects.update(state="dead", error="ValueError: Ada Lovelace is not a number", tries=8)
    client.force_login(rep)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "Try again" in page
    assert "Ada Lovelace" not in page
    assert client.post(f"/jobs/{job.pk}/retry/")["Location"] == f"/jobs/{job.pk}/"
    job.refresh_from_db()
    assert (job.state, job.tries) == ("waiting", 0)


def test_an_administrator_is_told_the_error(client, make_user, job):
    Job.objects.update(state="dead", error="ValueError: not a number")
    client.force_login(make_user("boss@firm.example", role="administrator"))
    assert "ValueError: not a number" in client.get(f"/jobs/{job.pk}/").content.decode()


def test_a_page_shows_no_arguments(client, rep, job):
    client.force_login(rep)
    assert b"Secret words" not in client.get(f"/jobs/{job.pk}/").content


def test_the_page_asks_again_only_while_the_job_goes_on(client, rep, job):
    client.force_login(rep)
    Job.objects.update(done=3, total=12)
    part = client.get(f"/jobs/{job.pk}/", HTTP_HX_REQUEST="true").content.decode()
    assert part.startswith("<div")
    assert 'hx-trigger="every 2s"' in part
    assert 'width="25"' in part
    Job.objects.update(state="done")
    assert "hx-trigger" not in client.get(f"/jobs/{job.pk}/").content.decode()


def test_a_long_list_goes_on(client, rep, django_assert_max_num_queries):
    for number in range(55):
        jobs.enqueue("crm.clear_expired", by=rep, key=f"n{number}")
    client.force_login(rep)
    with django_assert_max_num_queries(6):
        page = client.get("/jobs/").content.decode()
    assert page.count("Clear what has expired") == 50
    last = min(Job.objects.order_by("-id").values_list("id", flat=True)[:50])
    assert client.get(f"/jobs/?before={last}").content.decode().count("Clear what has expired") == 5
    assert client.get("/jobs/?state=dead").content.decode().count("Clear what has expired") == 0
    assert client.get("/jobs/?state=__all__").status_code == 400


@pytest.mark.parametrize(
    ("done", "minutes", "said"),
    [(0, 2, None), (10, 1, "about 9 minutes"), (50, 1, "about 1 minute"), (99, 1, "less than a minute")],
)
def test_what_a_running_job_still_takes_is_said_once_it_can_be_known(client, rep, job, done, minutes, said):
    started = timezone.now() - timedelta(minutes=minutes)
    fields = {"state": "running", "done": done, "total": 100, "started_at": started, "lease_until": timezone.now()}
    Job.objects.filter(pk=job.pk).update(**fields)
    client.force_login(rep)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert (said in page) if said else not re.search(r"about \d|less than", page)
