"""`python -m crm.mime`: reads mails from standard input, answers with what they say, within limits of its own.

It begins with READY. A question is a length (8 bytes) and so many bytes of raw mail; an answer is a length and JSON:
{"mail": {...}} or {"refused": reason}, with `peak` (kilobytes of memory used so far). Whatever takes too long or too
much ends the process.
"""

from __future__ import annotations

import json
import re
import resource
import signal
import sys
from pathlib import Path

from crm.mime import limits, refusal
from crm.mime.reading import read
from crm.mime.refusal import Refused


def main():
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY_BYTES, limits.MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked, answered = sys.stdin.buffer, sys.stdout.buffer
    answered.write(limits.READY)
    answered.flush()
    while length := asked.read(8):
        answer = _answer(asked, int.from_bytes(length, "big"))
        answer["peak"] = _peak()
        content = json.dumps(answer).encode()
        answered.write(len(content).to_bytes(8, "big") + content)
        answered.flush()


def _peak():
    """Return the most memory this program has held, in kilobytes. (ru_maxrss counts what our parent held, too.)"""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    except OSError:
        found = None
    return int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _answer(asked, length):
    signal.alarm(limits.SECONDS)  # ends this process even where nobody else is left to do it
    try:
        return {"mail": read(asked.read(length))}
    except Refused as refused:
        return {"refused": refused.reason}
    except MemoryError:
        return {"refused": refusal.TOO_MUCH}
    except (RecursionError, ValueError, LookupError, TypeError):
        return {"refused": refusal.BROKEN}
    finally:
        signal.alarm(0)


if __name__ == "__main__":
    main()
