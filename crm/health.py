"""Is the process alive, and is what it needs there? Public, in plain http, without a session."""

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.http import JsonResponse
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

from crm.jobs.rows import Job
from crm.pages import public

LATE_AFTER = 300  # seconds a due job may wait before we call it late


@public
def healthz(request):
    """The process answers: it looks at nothing else."""
    return JsonResponse({"status": "ok"})


@public
def readyz(request):
    """200 if pages can be served, 503 if not: the database is away. Without the broker only jobs wait: "degraded"."""
    checks = {"database": database(), "broker": broker(), "oldest_waiting_job_seconds": None}
    if checks["database"] == "ok":
        checks["oldest_waiting_job_seconds"] = oldest_waiting_job_seconds()
    late = (checks["oldest_waiting_job_seconds"] or 0) > LATE_AFTER
    status = "degraded" if late or checks["broker"] != "ok" else "ok"
    if checks["database"] != "ok":
        status = "down"
    response = JsonResponse({"status": status, **checks}, status=503 if status == "down" else 200)
    response["Cache-Control"] = "no-store"
    return response


VIEWS = {"/healthz": healthz, "/readyz": readyz}


def database():
    """Return "ok" if the database answers within two seconds."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 2000")
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return "down"
    return "ok"


def broker():
    """Return "ok" if the broker answers within half a second."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5, retry=Retry(NoBackoff(), 0)
    )
    try:
        client.ping()
    except (redis.RedisError, OSError):
        return "down"
    finally:
        client.close()
    return "ok"


def oldest_waiting_job_seconds():
    """Return for how long the oldest job that is due has been waiting, 0 if none is."""
    now = timezone.now()
    oldest = Job.objects.filter(state__in=Job.DUE, run_after__lte=now).order_by("run_after").first()
    return int((now - oldest.run_after).total_seconds()) if oldest else 0
