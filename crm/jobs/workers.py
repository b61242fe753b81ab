"""What a worker does as it starts, before its processes are made, so that all of them have it."""

import gc
import os

from celery import bootsteps

NICENESS = 5  # of 19: a third as much of the processor as a page where both want it
SELDOM = 200_000
"""New objects between two looks for garbage. A step makes as many, nearly all of them in use until its end: at Python's
usual 700 looking through them took a quarter of an import's own time."""


class Settle(bootsteps.Step):
    """A step of the worker's making."""

    def __init__(self, worker, **options):
        super().__init__(worker, **options)
        settle()


def settle():
    """Let pages go before where both run on one machine, and look for garbage seldom and not among what is loaded."""
    os.nice(NICENESS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM)
