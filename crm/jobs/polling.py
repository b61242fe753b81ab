"""Working off the table while the broker is silent: claimed as by every worker, one job after the other."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from crm.jobs import running, waking
from crm.jobs.watching import LOOKS_EVERY, broker_answers

SWEEPS_EVERY = 60  # seconds, as beat does

logger = structlog.get_logger(__name__)


def work_while_silent(goes_on=lambda: True):
    """Do the sweeper's part; then, while the broker is silent, work off what is due and sweep every minute."""
    swept = None
    while goes_on():
        if swept is None or time.monotonic() - swept > SWEEPS_EVERY:
            waking.sweep()
            swept = time.monotonic()
        if broker_answers():
            return
        logger.info("broker_silent")
        if not running.work_off(most=1, limited=limited):
            time.sleep(LOOKS_EVERY)


@contextmanager
def limited(seconds):
    """Everything inside is broken off after so many seconds, as a worker of the pool does it."""

    def too_long(_signal, _frame):
        raise SoftTimeLimitExceeded

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
