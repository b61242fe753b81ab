import re
from datetime import timedelta

import pytest
from django.utils import timezone

from crm import jobs
from crm.jobs import Job
from tests.factories import crm


@pytest.fixture
def job(rep):
    return jobs.enqueue("crm.mail_password_reset", by=rep, email="Secret words")


@pytest.mark.parametrize(
    ("_case", "who", "status"),
    [
        ("who asked for it", "rep@firm.example", 200),
        ("an administrator", "boss@firm.example", 200),
        ("whoever else may administer", "chief@firm.example", 200),
        ("a colleague", "other@firm.example", 404),
    ],
)
def test_who_sees_a_job(client, make_user, job, _case, who, status):
    users = {"rep@firm.example": job.asked_by}
    keeper = crm.role("Site keeper", like="administrator").key
    roles = {"boss@firm.example": "administrator", "chief@firm.example": keeper, "other@firm.example": "manager"}
    client.force_login(users.get(who) or make_user(who, role=roles[who]))
    assert client.get(f"/jobs/{job.pk}/").status_code == status
    assert (b"Send a link for a new password" in client.get("/jobs/").content) is (status == 200)
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


def test_whoever_administers_is_told_the_error(client, make_user, job):
    Job.objects.update(state="dead", error="ValueError: not a number")
    client.force_login(make_user("boss@firm.example", role=crm.role("Site keeper", like="administrator").key))
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
    assert "hx-trigger" not in client.get(f"/jobs/{job.pk}/", HTTP_HX_REQUEST="true").content.decode()


def test_a_long_list_goes_on(client, rep, django_assert_max_num_queries):
    for number in range(55):
        jobs.enqueue("crm.clear_expired", by=rep, key=f"n{number}")
    client.force_login(rep)
    client.get("/account/")  # where a session was seen is written down every few minutes
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


class TestGivenUp:
    @pytest.fixture
    def boss(self, make_user):
        return make_user("boss@firm.example", role="administrator")

    @pytest.fixture
    def dead(self, rep):
        """Three mails and a clearing that were given up."""
        made = [jobs.enqueue("crm.mail_password_reset", by=rep, email=f"{n}@b.example") for n in range(3)]
        made.append(jobs.enqueue("crm.clear_expired"))
        Job.objects.update(state="dead", error="OSError: refused", tries=8, finished_at=timezone.now())
        return made

    def states(self):
        return list(Job.objects.order_by("id").values_list("state", flat=True))

    def test_they_stand_on_a_page_by_kind_with_their_number_and_error(self, client, boss, dead):
        client.force_login(boss)
        page = client.get("/jobs/given-up/").content.decode()
        assert re.findall(r'<h2>([^<]+)</h2><span class="count">(\d+)', page) == [
            ("Clear what has expired", "1"),
            ("Send a link for a new password", "3"),
        ]
        assert page.count("OSError: refused</p>") == 4
        assert "Given up after several tries: 4" in client.get("/jobs/").content.decode()

    def test_others_see_their_own_without_the_error(self, client, rep, dead):
        client.force_login(rep)
        page = client.get("/jobs/given-up/").content.decode()
        assert "Send a link for a new password" in page
        assert "Clear what has expired" not in page
        assert "OSError" not in page

    def test_all_of_a_kind_are_tried_again(self, client, boss, dead):
        client.force_login(boss)
        assert client.post("/jobs/given-up/retry/", {"kind": "crm.mail_password_reset"}).url == "/jobs/given-up/"
        assert self.states() == ["waiting"] * 3 + ["dead"]
        assert set(Job.objects.filter(state="waiting").values_list("tries", "error")) == {(0, "")}
        assert "3 are tried again." in client.get("/jobs/given-up/").content.decode()

    def test_nobody_tries_the_work_of_others_again(self, client, make_user, dead):
        client.force_login(make_user("other@firm.example", role="manager"))
        client.post("/jobs/given-up/retry/", {"kind": "crm.mail_password_reset"})
        client.post("/jobs/given-up/setting-aside/", {"kind": "crm.mail_password_reset"})
        assert client.post(f"/jobs/{dead[0].pk}/setting-aside/").status_code == 404
        assert self.states() == ["dead"] * 4
        assert not Job.objects.exclude(set_aside_at=None).exists()

    def test_what_is_set_aside_is_seen_and_stays(self, client, boss, dead):
        client.force_login(boss)
        client.post(f"/jobs/{dead[0].pk}/setting-aside/")
        assert re.search(
            r'Send a link for a new password</h2><span class="count">2', client.get("/jobs/given-up/").content.decode()
        )
        client.post("/jobs/given-up/setting-aside/", {"kind": "crm.mail_password_reset"})
        client.post("/jobs/given-up/setting-aside/", {"kind": "crm.clear_expired"})
        page = client.get("/jobs/given-up/").content.decode()
        assert "Nothing was given up" in page
        assert "Given up after" not in client.get("/jobs/").content.decode()
        assert client.get("/jobs/?state=dead").content.decode().count("Send a link for a new password") == 3

    def test_one_set_aside_can_still_be_tried_again(self, client, boss, dead):
        client.force_login(boss)
        client.post(f"/jobs/{dead[0].pk}/setting-aside/")
        client.post(f"/jobs/{dead[0].pk}/retry/")
        dead[0].refresh_from_db()
        assert (dead[0].state, dead[0].set_aside_at) == ("waiting", None)

    def test_set_aside_long_ago_it_is_cleared_and_not_before(self, client, boss, dead):
        Job.objects.filter(pk=dead[0].pk).update(set_aside_at=timezone.now() - timedelta(days=91))
        Job.objects.filter(pk=dead[1].pk).update(set_aside_at=timezone.now())
        jobs.enqueue("crm.clear_expired")
        jobs.work_off()
        assert set(Job.objects.filter(state="dead").values_list("pk", flat=True)) == {job.pk for job in dead[1:]}

    @pytest.mark.parametrize("kind", [None, "", "x" * 200, "\0"])
    def test_a_kind_has_to_be_named(self, client, boss, dead, kind):
        client.force_login(boss)
        assert client.post("/jobs/given-up/retry/", {} if kind is None else {"kind": kind}).status_code == 400
        assert client.get("/jobs/given-up/retry/").status_code == 405
        assert self.states() == ["dead"] * 4
