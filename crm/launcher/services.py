"""Programs that are kept running, and their logs."""

import os
import shutil
import signal
import time

from crm.embedded import processes
from crm.embedded.stopping import pause
from crm.launcher.terminal import ROOT, say

MARK = "CORNERSTONE_RUN"  # in the environment of every service: the VAR_DIR it belongs to
_LARGEST_LOG = 10 * 1024 * 1024  # bytes; one older log is kept beside it
_LONGEST_PAUSE = 30  # seconds between two tries to start again
_HEALTHY_AFTER = 60  # seconds


class Service:
    """A program of ours, like an embedded server: it has a name, a process, start() and stop()."""

    def __init__(self, name, command, *, environment, log):
        self.name, self.command, self.environment, self.log = name, command, environment, log
        self.process = None

    def start(self):
        if self.process:
            processes.kill_session(self.process.pid)  # children of a killed one hold the port
        self.process = processes.spawn(self.command, log=self.log, env=self.environment, cwd=ROOT)

    def stop(self):
        if self.process:
            processes.stop(self.process, signals=[signal.SIGTERM], patience=10)


class Supervisor:
    """Starts services in order, starts again those that die, and stops them in the opposite order."""

    def __init__(self, log_dir):
        self.log_dir = log_dir
        self.services = []
        self.pauses = {}
        self.due = {}

    def start(self, service):
        """Start a service; from now on it is kept running."""
        self.services.append(service)
        service.start()
        self._note_start(service)

    def watch(self):
        """Keep the services running until an exception (a signal) ends it."""
        while True:
            for service in self.services:
                self._revive(service)
            limit_logs(self.log_dir)
            pause(0.3)

    def stop(self):
        """Stop everything: first all of our own programs at once, then the servers they use."""
        for service in self.services:
            if isinstance(service, Service) and service.process:
                service.process.terminate()
        for service in reversed(self.services):
            service.stop()

    def _note_start(self, service):
        self.due[service] = None
        service.started_at = time.monotonic()

    def _revive(self, service):
        now = time.monotonic()
        if self.due[service] is not None:
            if now >= self.due[service]:
                say(f"{service.name} is started again")
                service.start()
                self._note_start(service)
        elif service.process.poll() is not None:
            self._plan_revival(service, now)

    def _plan_revival(self, service, now):
        lived = now - service.started_at
        pause = 1 if lived > _HEALTHY_AFTER else min(2 * self.pauses.get(service, 0.5), _LONGEST_PAUSE)
        self.pauses[service] = pause
        self.due[service] = now + pause
        log = self.log_dir / f"{service.name}.log"
        ended = f"{service.name} ended ({_in_words(service.process.returncode)}) after {lived:.0f} s"
        say(f"{ended}; next try in {pause:.0f} s. See {log}")


def _in_words(code):
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def end_leftovers(var_dir):
    """End what a killed run of this VAR_DIR left behind; its servers are ended where they are started."""
    return processes.end_all(lambda: processes.marked(MARK, var_dir), signals=[signal.SIGTERM], patience=8)


def limit_logs(log_dir):
    """Empty every log that has grown too large, keeping a copy of it. Programs go on writing: they append."""
    for log in log_dir.glob("*.log"):
        if log.stat().st_size > _LARGEST_LOG:
            shutil.copyfile(log, f"{log}.1")
            os.truncate(log, 0)
