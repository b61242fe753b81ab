"""Programs that are kept running, and their logs."""

import os
import shutil
import signal
import time

from crm.embedded import processes
from crm.embedded.places import EmbeddedServerError
from crm.embedded.stopping import pause
from crm.launcher.terminal import ROOT, say

MARK = "CORNERSTONE_RUN"  # in the environment of every service: the VAR_DIR it belongs to
_LARGEST_LOG = 10 * 1024 * 1024  # bytes; one older log is kept beside it
_SHORTEST_PAUSE, _LONGEST_PAUSE = 1, 30  # seconds between two tries to start again
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


class Watched:
    """A service that is kept running: when it was started, and when it is to be started again."""

    def __init__(self, service, log_dir):
        self.service, self.log_dir = service, log_dir
        self.pause = _SHORTEST_PAUSE
        self.due = None
        self.start()

    def start(self):
        self.due, self.started_at = None, time.monotonic()
        self.service.start()

    def look(self):
        """Start the service again if it has ended and its pause is over."""
        if self.due is None and self.service.process.poll() is not None:
            self._plan(f"{self.service.name} ended ({_in_words(self.service.process.returncode)})")
        elif self.due is not None and time.monotonic() >= self.due:
            say(f"{self.service.name} is started again")
            try:
                self.start()
            except EmbeddedServerError as error:
                self._plan(str(error))

    def _plan(self, what_happened):
        if time.monotonic() - self.started_at > _HEALTHY_AFTER:
            self.pause = _SHORTEST_PAUSE
        self.due = time.monotonic() + self.pause
        say(f"{what_happened}; next try in {self.pause} s. See {self.log_dir}/{self.service.name}.log")
        self.pause = min(2 * self.pause, _LONGEST_PAUSE)


class Supervisor:
    """Starts services in order, starts again those that die, and stops them in the opposite order."""

    def __init__(self, log_dir):
        self.log_dir = log_dir
        self.services = []
        self.watched = []

    def start(self, service):
        """Start a service; from now on it is kept running."""
        self.services.append(service)
        self.watched.append(Watched(service, self.log_dir))

    def watch(self):
        """Keep the services running until somebody asks us to stop."""
        while True:
            for watched in self.watched:
                watched.look()
            limit_logs(self.log_dir)
            pause(0.3)

    def stop(self):
        """Stop everything: first all of our own programs at once, then the servers they use."""
        for service in self.services:
            if isinstance(service, Service) and service.process:
                service.process.terminate()
        for service in reversed(self.services):
            service.stop()


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
