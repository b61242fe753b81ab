"""`make seed`: fill the database of VAR_DIR, whether the site runs or not."""

import os
import shlex
import sys
from contextlib import ExitStack

from crm.embedded.servers import addresses, started
from crm.launcher.claims import claimed, is_claimed
from crm.launcher.databases import require_usable
from crm.launcher.steps import call
from crm.launcher.terminal import var_dir


def run(*options):
    """Call `manage.py seed` with the options given, or those in ARGS: make seed ARGS="--people 100000"."""
    directory = var_dir()
    with servers_up(directory) as environment:
        call([sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"], environment=environment)
        chosen = options or shlex.split(os.environ.get("ARGS", "")) or ["--demo"]
        call([sys.executable, "manage.py", "seed", *chosen], environment=environment)


class servers_up(ExitStack):
    """Inside the block the servers of VAR_DIR run: those of a running site, else our own; gives the environment."""

    def __init__(self, directory):
        super().__init__()
        self.directory = directory

    def __enter__(self):
        if not is_claimed(self.directory):
            self.enter_context(claimed(self.directory))
            self.enter_context(started(self.directory))
        found = addresses(self.directory)
        require_usable(found["DATABASE_URL"])
        return os.environ | found | {"VAR_DIR": str(self.directory), "CORNERSTONE_DEMO": "1"}
