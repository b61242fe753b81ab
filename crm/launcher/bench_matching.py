"""`make bench-matching`: measure matching on labelled sets; needs no servers."""

import sys

from crm.launcher.steps import call


def run(*options):
    """Call `python -m bench.matching`."""
    call([sys.executable, "-m", "bench.matching", *options])
