"""The process that reads mails, as others use it: one for each of theirs, made anew whenever it has died."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

from crm.mime import limits, refusal
from crm.mime.refusal import Refused

ROOT = Path(__file__).parents[2]
SERVES = 500  # mails, then a fresh process takes over
_lock = threading.Lock()
_readers: dict[int, Reader] = {}


class Reader:
    """One process. After TOO_SLOW or DIED it is gone."""

    def __init__(self):
        """Start it and wait until it is there. Raises ChildProcessError if that takes too long."""
        command = [sys.executable, "-m", "crm.mime"]
        environment = {"PATH": os.environ.get("PATH", ""), "MALLOC_ARENA_MAX": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.served, self.peak = 0, 0
        os.set_blocking(self.process.stdin.fileno(), False)
        try:
            self._hear(len(limits.READY), time.monotonic() + limits.START_SECONDS)
        except Refused:
            self.end()
            raise ChildProcessError("The process that reads mails does not start.") from None

    def read(self, raw):
        """Return what a raw mail says. Raises Refused."""
        deadline = time.monotonic() + limits.SECONDS
        self.served += 1
        try:
            self._say(len(raw).to_bytes(8, "big"), deadline)
            self._say(raw, deadline)
            length = int.from_bytes(self._hear(8, deadline), "big")
            answer = json.loads(self._hear(length, deadline))
        except Refused:
            self.end()
            raise
        self.peak = answer["peak"]
        if reason := answer.get("refused"):
            raise Refused(reason)
        return answer["mail"]

    def _say(self, content, deadline):
        view, pipe = memoryview(content), self.process.stdin.fileno()
        while view:
            _r, ready, _x = select.select([], [pipe], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise Refused(refusal.TOO_SLOW)
            try:
                view = view[os.write(pipe, view[: 1024 * 1024]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise Refused(refusal.DIED) from None

    def _hear(self, length, deadline):
        found, pipe = bytearray(), self.process.stdout.fileno()
        while len(found) < length:
            ready, _w, _x = select.select([pipe], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                raise Refused(refusal.TOO_SLOW)
            piece = os.read(pipe, min(length - len(found), 1024 * 1024))
            if not piece:
                slow = deadline - time.monotonic() < 0.5  # its own alarm was first
                raise Refused(refusal.TOO_SLOW if slow else refusal.DIED)
            found += piece
        return bytes(found)

    def end(self):
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()
        self.process.wait()

    @property
    def is_over(self):
        return self.served >= SERVES or self.process.poll() is not None


def read(raw):
    """Return what a raw mail says, as crm.mime.reading.read does, in at most limits.SECONDS. Raises Refused."""
    if len(raw) > limits.MOST_BYTES:
        raise Refused(refusal.TOO_BIG)
    with _lock:
        reader = _readers.get(os.getpid())
        if reader is None or reader.is_over:
            if reader:
                reader.end()
            _readers.clear()  # of a parent this process was forked from: not ours to end
            reader = _readers[os.getpid()] = Reader()
        return reader.read(raw)
