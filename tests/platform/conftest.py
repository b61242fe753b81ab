import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from crm.embedded.servers import throwaway
from tests.platform.sites import Site


@contextmanager
def _open_directory():
    """A directory that every account can enter (pytest's own cannot), as most are."""
    directory = Path(tempfile.mkdtemp(prefix="cornerstone platform ", dir="/tmp"))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def servers():
    """Servers of our own; the run's DATABASE_URL is none of our business here."""
    kept = {name: os.environ.pop(name, None) for name in ("DATABASE_URL", "REDIS_URL")}
    with throwaway() as found:
        yield found
    os.environ.update({name: value for name, value in kept.items() if value})


@pytest.fixture
def open_dir():
    with _open_directory() as directory:
        yield directory


@pytest.fixture(scope="session")
def prepared():
    """The VAR_DIR of a site that was started and stopped; to be copied, not used."""
    with _open_directory() as directory, Site(directory / "var") as site:
        site.started()
        site.interrupt()
        (directory / "var" / "sockets").unlink()  # every site has its own
        yield directory / "var"


@pytest.fixture
def site(prepared, open_dir):
    """A site that is up, with the demo company in it."""
    subprocess.run(["cp", "--archive", prepared, open_dir / "var"], check=True)
    with Site(open_dir / "var") as site:
        site.started()
        yield site
