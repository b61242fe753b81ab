"""The worker's watch over the broker: where it falls silent, a helper looks into the table itself.

When a worker starts, and whenever the broker does not answer, the watch starts `manage.py work_while_silent`: it does
the sweeper's part once and then works off what is due, as long as the broker stays away (crm/jobs/polling.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import redis
from celery import bootsteps
from django.conf import settings

LOOKS_EVERY = 3  # seconds
SILENT_AFTER = 2  # looks without an answer


def broker_answers():
    """Whether the broker takes a word within a second."""
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except (redis.exceptions.RedisError, OSError):
        return False


class Watch(bootsteps.StartStopStep):
    """A step of the worker's start, taken before it waits for the broker."""

    def start(self, worker):
        self.modules = sorted(worker.app.conf.include or ())
        self.over = threading.Event()
        threading.Thread(target=self.look, daemon=True, name="broker watch").start()

    def stop(self, worker):
        self.over.set()

    def look(self):
        silent, helper = SILENT_AFTER, None  # once at the start, whatever the broker says
        while not self.over.is_set():
            if silent >= SILENT_AFTER and (helper is None or helper.poll() is not None):
                helper = _helper(self.modules)
            self.over.wait(LOOKS_EVERY)
            silent = 0 if broker_answers() else silent + 1


def _helper(modules):
    """Start the helper, in our process group; it ends by itself when this process is gone."""
    command = [sys.executable, settings.REPO_DIR / "manage.py", "work_while_silent", str(os.getpid()), *modules]
    environment = os.environ | {"CORNERSTONE_PROCESS": "worker"}
    return subprocess.Popen(command, cwd=settings.REPO_DIR, env=environment, stdin=subprocess.DEVNULL)
