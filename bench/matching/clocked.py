"""Seconds of a stretch of work and the peak memory of the process, printed as one line of JSON."""

import json
import resource
import time
from pathlib import Path

STATUS = Path("/proc/self/status")


class Clock:
    """Times what is done inside it."""

    def __enter__(self):
        self.began = time.perf_counter()

    def __exit__(self, failed, *_error):
        seconds = time.perf_counter() - self.began
        if not failed:
            print(json.dumps({"seconds": seconds, "gigabytes": peak() * 1024 / 1e9}), flush=True)


def peak():
    """Return the peak memory of this process in units of 1,024 bytes.

    Linux hands getrusage's figure down from the process that started this one, so its own is read where it is told.
    """
    if STATUS.exists():
        return next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
