"""Ctrl-C, SIGTERM and a closed terminal all mean the same: stop everything, then end.

A signal only leaves a note; code that waits looks at it. (An exception raised by a signal handler can get lost
in a callback of the interpreter.)
"""

import os
import signal
import time

from crm.embedded.processes import die_with_parent

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_asked: list[int | None] = []  # the signals that came


class Stopped(BaseException):
    """Somebody asked us to stop."""


def listen():
    """From now on these signals make `pause` raise Stopped. Under make, its death counts as one, too.

    A closed terminal does not, where nohup has said so.
    """
    for number in _ENDING:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda number, _frame: _asked.append(number))
    if os.environ.get("MAKELEVEL"):
        die_with_parent(signal.SIGTERM)


def pause(seconds):
    """Sleep. Raises Stopped, once, if somebody has asked us to stop."""
    time.sleep(seconds)
    if _asked and None not in _asked:
        _asked.append(None)
        raise Stopped
