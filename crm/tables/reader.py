"""The process that reads a file, as others use it: one for each file, gone when it is read."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from crm.tables import limits, refusal
from crm.tables.refusal import Refused

ROOT = Path(__file__).parents[2]
BROKEN_OFF = -14  # SIGALRM, its own clock


@contextmanager
def reading(pieces, encoding=None):
    """Give (about, an iterator of batches of (number, texts)) of a file. `pieces`: its bytes in stretches.

    `about`: see crm.tables.reading.read. Raises Refused, also while the batches are taken.
    """
    with tempfile.TemporaryFile() as file:
        size = sum(file.write(piece) for piece in pieces)
        if size > limits.MOST_BYTES:
            raise Refused(refusal.TOO_BIG)
        if not size:
            raise Refused(refusal.EMPTY)
        file.seek(0)
        process = _started(file, encoding)
        try:
            answers = _answers(process, time.monotonic() + limits.SECONDS)
            yield next(answers)["about"], (answer["rows"] for answer in answers)
        finally:
            process.kill()
            process.stdout.close()
            process.wait()


def _started(file, encoding):
    command = [sys.executable, "-m", "crm.tables", *([encoding] if encoding else [])]
    environment = {"PATH": os.environ.get("PATH", ""), "MALLOC_ARENA_MAX": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def _answers(process, deadline):
    while True:
        length = int.from_bytes(_heard(process, 8, deadline), "big")
        answer = json.loads(_heard(process, length, deadline))
        if "refused" in answer:
            raise Refused(answer["refused"], answer.get("row"))
        if "end" in answer:
            return
        yield answer


def _heard(process, length, deadline):
    found, pipe = bytearray(), process.stdout.fileno()
    while len(found) < length:
        ready, _w, _x = select.select([pipe], [], [], max(0, deadline - time.monotonic()))
        piece = os.read(pipe, min(length - len(found), 1024 * 1024)) if ready else None
        if piece is None:
            raise Refused(refusal.TOO_SLOW)
        if not piece:
            raise Refused(refusal.TOO_SLOW if process.wait() == BROKEN_OFF else refusal.TOO_MUCH)
        found += piece
    return bytes(found)
