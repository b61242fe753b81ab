"""One launcher at a time works in a VAR_DIR."""

import fcntl
import os
from contextlib import contextmanager

from crm.launcher.terminal import LauncherError


@contextmanager
def claimed(directory):
    """Hold VAR_DIR for ourselves. Raises LauncherError, naming the process, if another has it.

    The kernel ends the claim of a process that dies.
    """
    with open(directory / "run.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise LauncherError(
                f"Cornerstone already runs in {directory} (process {lock.read().strip() or 'unknown'}). "
                "A second one needs a directory and a port of its own: VAR_DIR=var2 PORT=8001 make run"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def is_claimed(directory):
    """Return whether a launcher works in this VAR_DIR now."""
    with open(directory / "run.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
