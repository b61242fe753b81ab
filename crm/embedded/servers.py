"""The servers that the environment does not name, started together and stopped together."""

import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crm import embedded
from crm.embedded import processes
from crm.embedded.places import Place, account, short_temp_dir
from crm.embedded.postgres import Postgres
from crm.embedded.valkey import Valkey

_THROWAWAY = "cornerstone-test-"


def missing_servers(var_dir, *, durable=True):
    """Return the embedded servers to start for VAR_DIR: those without DATABASE_URL or REDIS_URL in the environment."""
    place = Place(var_dir)
    wanted = {"DATABASE_URL": Postgres(place, durable=durable), "REDIS_URL": Valkey(place)}
    return [server for name, server in wanted.items() if not os.environ.get(name)]


def addresses(var_dir):
    """Return DATABASE_URL and REDIS_URL as processes of this VAR_DIR should have them."""
    return {
        "DATABASE_URL": os.environ.get("DATABASE_URL") or embedded.database_url(var_dir),
        "REDIS_URL": os.environ.get("REDIS_URL") or embedded.redis_url(var_dir),
    }


@contextmanager
def started(var_dir, *, durable=True):
    """Keep the missing servers of VAR_DIR running inside the block; give their addresses."""
    with ExitStack() as stack:
        for server in missing_servers(var_dir, durable=durable):
            stack.callback(server.stop)
            server.start()
        yield addresses(var_dir)


@contextmanager
def throwaway():
    """Keep empty servers for tests running inside the block; give their addresses. Nothing of them is left after it."""
    folder = Path(short_temp_dir(account()))
    _sweep(folder)
    var_dir = Path(tempfile.mkdtemp(prefix=f"{_THROWAWAY}{os.getpid()}-", dir=folder))
    var_dir.chmod(0o711)  # the account of the servers passes through; what lies inside is private
    try:
        with started(var_dir, durable=False) as found:
            yield found
    finally:
        _discard(var_dir)


def _sweep(folder):
    """Remove what killed test runs of ours left behind; their servers ended with them."""
    for var_dir in folder.glob(f"{_THROWAWAY}*"):
        pid = int(var_dir.name.removeprefix(_THROWAWAY).split("-")[0])
        if not processes.is_alive(pid) and var_dir.stat().st_uid == os.getuid():
            _discard(var_dir)


def _discard(var_dir):
    if (var_dir / "sockets").is_symlink():
        shutil.rmtree((var_dir / "sockets").resolve(), ignore_errors=True)
    shutil.rmtree(var_dir, ignore_errors=True)
