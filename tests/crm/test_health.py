import json
from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from crm import health, jobs


def ready(client):
    response = client.get("/readyz")
    return response.status_code, json.loads(response.content)


def test_the_process_is_alive(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_all_is_well(client, db):
    assert ready(client) == (
        200,
        {"status": "ok", "database": "ok", "broker": "ok", "oldest_waiting_job_seconds": 0},
    )


def test_without_the_broker_pages_are_served_and_jobs_wait(client, db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    status, said = ready(client)
    assert (status, said["status"], said["broker"]) == (200, "degraded", "down")


def test_without_the_database_nothing_can_be_served(client, monkeypatch):
    def away():
        raise OperationalError

    monkeypatch.setattr(health.connection, "cursor", away)
    monkeypatch.setattr(health.transaction, "atomic", away)
    status, said = ready(client)
    assert (status, said["status"], said["database"]) == (503, "down", "down")


@pytest.mark.parametrize(("minutes", "status"), [(4, "ok"), (6, "degraded")])
def test_jobs_that_wait_too_long_are_noticed(client, db, minutes, status):
    jobs.enqueue("crm.clear_expired")
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
        _status, said = ready(client)
    assert said["status"] == status
    assert said["oldest_waiting_job_seconds"] // 60 in {minutes, minutes - 1}


def test_a_job_for_later_is_not_late(client, db):
    jobs.enqueue("crm.clear_expired", after=timedelta(days=1))
    assert ready(client)[1]["oldest_waiting_job_seconds"] == 0


def test_the_site_goes_on_without_redis(client, make_user, settings):
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    user = make_user()
    assert client.post("/accounts/login/", {"login": user.email, "password": "stones-in-a-row"}).status_code == 302
    assert client.get("/account/").status_code == 200
