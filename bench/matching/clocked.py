"""Seconds of a stretch of work and the peak memory of the process, printed as one line of JSON."""

import json
import resource
import sys
import time

UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in what getrusage counts memory by


class Clock:
    def __enter__(self):
        self.began = time.perf_counter()

    def __exit__(self, failed, *_error):
        seconds = time.perf_counter() - self.began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT
        if not failed:
            print(json.dumps({"seconds": seconds, "gigabytes": peak / 1e9}), flush=True)
