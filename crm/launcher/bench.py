"""`make bench`: measure the site over a database of its own, kept between runs in VAR_DIR/bench."""

import sys

from crm.launcher.seed import servers_up
from crm.launcher.steps import call
from crm.launcher.terminal import var_dir


def run(*options):
    """Call `python -m bench` with the servers up."""
    directory = var_dir() / "bench"
    directory.mkdir(exist_ok=True)
    with servers_up(directory) as environment:
        call([sys.executable, "-m", "bench", *options], environment=environment)
