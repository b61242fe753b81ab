"""A site started by `make run`, and ways to treat it badly."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psycopg

from crm import embedded
from crm.embedded import processes

ROOT = Path(__file__).resolve().parent.parent.parent
_SERVERS = [("postgres/18", "postgres"), ("valkey", "valkey-server")]
_NOT_PASSED_ON = {
    "DATABASE_URL",
    "REDIS_URL",
    "MAKELEVEL",
    "MAKEFLAGS",
    "CORNERSTONE_PROCESS",
    "DJANGO_SETTINGS_MODULE",
}


class Site:
    """`make run` in a directory, over a VAR_DIR and a port of its own; ended at the end of the block."""

    def __init__(self, var_dir, *, directory=ROOT, user=None, port=None, environment=None, **settings):
        self.var_dir, self.directory, self.user = Path(var_dir), directory, user
        self.port = port or free_port()
        ours = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
        self.environment = (ours if environment is None else environment) | settings
        self.environment |= {"VAR_DIR": str(var_dir), "PORT": str(self.port), "TEST_SITE": str(var_dir)}
        self.output = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill_everything()
        for link in [self.var_dir / "postgres", self.var_dir / "valkey", self.var_dir / "sockets"]:
            shutil.rmtree(link.resolve(), ignore_errors=True)

    def start(self):
        """Run `make run` in a process group of its own, as a terminal does."""
        identity = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        self.process = subprocess.Popen(
            ["env", "--default-signal=HUP", "make", "run"],  # also where the tests themselves run under nohup
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
            **identity,
        )
        return self

    def started(self, within=240):
        """Start it and return the seconds until the sign-in page came. Raises if it takes longer than `within`."""
        begun = time.monotonic()
        self.start()
        while time.monotonic() - begun < within:
            if self.process.poll() is not None:
                raise AssertionError(f"make run ended with {self.process.returncode}:\n{self.process.stdout.read()}")
            if self.status("/accounts/login/") == 200:
                return time.monotonic() - begun
            time.sleep(0.1)
        raise AssertionError(f"no page within {within} s")

    def status(self, path):
        """Return the status of a page, None if nobody answers."""
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def interrupt(self, number=signal.SIGINT):
        """Do what Ctrl-C does; return what was printed once it has ended."""
        os.killpg(self.process.pid, number)
        self.output, _ = self.process.communicate(timeout=180)
        return self.output

    def processes(self):
        """Return the numbers of all its processes that live, the servers' too."""
        servers = [pid for place, name in _SERVERS for pid in processes.working_in(self.var_dir / place, program=name)]
        return sorted({*processes.marked("TEST_SITE", self.var_dir), *servers})

    def process_of(self, program):
        """Return the number of its first process whose command names this program."""
        return next(pid for pid in self.processes() if program in Path(f"/proc/{pid}/cmdline").read_text())

    def kill_everything(self):
        """kill -9, until nothing is left."""
        while found := self.processes():
            for pid in found:
                subprocess.run(["kill", "-9", str(pid)], check=False, stderr=subprocess.DEVNULL)
            time.sleep(0.1)
        if getattr(self, "process", None):
            self.process.wait()
            self.process.stdout.close()

    def database(self):
        return psycopg.connect(embedded.database_url(self.var_dir), autocommit=True)


@contextmanager
def nobody_listens():
    """Give a port at which nobody listens, held so that nobody else does."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def comes_true(fact, within):
    """Return whether a fact holds within so many seconds."""
    deadline = time.monotonic() + within
    while not (found := fact()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return bool(found)


def nothing_is_left(site, within):
    """Return whether all processes of the site end within so many seconds."""
    return comes_true(lambda: not site.processes(), within)
