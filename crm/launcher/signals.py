"""Ctrl-C, SIGTERM and a closed terminal all mean the same: stop everything, then end."""

import os
import signal

from crm.embedded.processes import die_with_parent

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop; `number` is the signal."""

    def __init__(self, number):
        self.number = number


def raise_on_signals():
    """Turn the first such signal into Stopped; later ones are ignored while things are being stopped.

    Under make, its death is a signal to stop as well.
    """
    for number in _ENDING:
        signal.signal(number, _stop)
    if os.environ.get("MAKELEVEL"):
        die_with_parent(signal.SIGTERM)


def _stop(number, _frame):
    for ending in _ENDING:
        signal.signal(ending, signal.SIG_IGN)
    raise Stopped(number)
