"""Real workers, a beat and a broker of their own, for tests that treat them badly."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from crm import embedded
from crm.embedded.places import Place, account, short_temp_dir
from crm.embedded.valkey import Valkey
from crm.jobs import Job


def started(folder, name, *arguments, redis_url=None):
    """Start a Celery program on the test database, in a process group of its own; its output goes to `name`.log."""
    environment = os.environ | {"DATABASE_URL": database_url(), "CORNERSTONE_PROCESS": "worker"}
    environment |= {"SECRET_KEY": "for-this-worker-alone"} | ({"REDIS_URL": redis_url} if redis_url else {})
    command = [sys.executable, "-m", "celery", "-A", "crm.celery", *arguments]
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(command, env=environment, stderr=log, stdout=log, start_new_session=True)


def started_worker(folder, **options):
    modules = ("-I", "tests.crm.worker_jobs")
    quiet = ("--without-gossip", "--without-mingle", "-l", "info")
    return started(folder, "worker", "worker", "-c", "2", *modules, *quiet, **options)


def started_beat(folder, **options):
    return started(folder, "beat", "beat", "--schedule", str(folder / "schedule"), "--pidfile", "", **options)


@contextmanager
def worker(folder, **options):
    """Run a worker; kill it and its children at the end."""
    process = started_worker(folder, **options)
    try:
        yield process
    finally:
        kill(process)


def kill(process):
    """SIGKILL for the whole process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


@contextmanager
def broker():
    """Run a Valkey that can be stopped and started: gives (server, its URL)."""
    var_dir = Path(tempfile.mkdtemp(prefix="cornerstone-broker-", dir=short_temp_dir(account())))
    var_dir.chmod(0o711)
    server = Valkey(Place(var_dir))
    server.start()
    try:
        yield server, embedded.redis_url(var_dir)
    finally:
        server.stop()
        shutil.rmtree((var_dir / "sockets").resolve(), ignore_errors=True)
        shutil.rmtree(var_dir, ignore_errors=True)


def database_url():
    given = connection.settings_dict
    user, password = (quote(given[name] or "", safe="") for name in ("USER", "PASSWORD"))
    return f"postgres://{user}:{password}@/{given['NAME']}?host={quote(given['HOST'])}&port={given['PORT'] or 5432}"


def wait_until(condition, *, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} seconds: {list(Job.objects.values('kind', 'state', 'tries', 'error'))}")


def in_state(job, state):
    return lambda: Job.objects.filter(pk=job.pk, state=state).exists()
