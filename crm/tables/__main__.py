"""`python -m crm.tables [encoding]`: reads one file from standard input, within limits of its own.

Answers are a length (8 bytes) and JSON: {"about": {...}}, then {"rows": [[number, [texts]], ...]} as often as it takes,
and at the end {"end": true} or {"refused": reason, "row": number}. Whatever takes too long or too much ends the
process.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from itertools import islice

from crm.tables import limits, refusal
from crm.tables.reading import read
from crm.tables.refusal import Refused


def main(encoding=None):
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY_BYTES, limits.MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(limits.SECONDS)
    try:
        _tell(encoding)
    except Refused as refused:
        _say({"refused": refused.reason, "row": refused.row})
    except MemoryError:
        _say({"refused": refusal.TOO_MUCH})
    except (RecursionError, ValueError, LookupError, TypeError):
        _say({"refused": refusal.BROKEN})


def _tell(encoding):
    about, rows = read(sys.stdin.buffer.read(), encoding)
    _say({"about": about})
    while batch := list(islice(rows, limits.BATCH_ROWS)):
        _say({"rows": batch})
    _say({"end": True})


def _say(answer):
    content = json.dumps(answer).encode()
    sys.stdout.buffer.write(len(content).to_bytes(8, "big") + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:2])
