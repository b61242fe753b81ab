"""Fresh copies on machines of several kinds: as root and not, without a home, in deep paths, with other servers."""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from crm.embedded.places import account
from tests.platform.sites import ROOT, Site, free_port, nothing_is_left

pytestmark = pytest.mark.long

DEEP = "a path with spaces/and ümläute/so deep that no socket below it/could ever be bound since its name is long/copy"
BARE = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
OLD_POSTGRES = Path("/usr/lib/postgresql/15/bin")
NOBODY = 65534


@pytest.fixture
def copy(open_dir):
    """Return a function that copies what git knows of into a deep directory and gives it to an account."""

    def make(owner=None):
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        directory = open_dir / DEEP
        for name in listed.stdout.decode().split("\0"):
            if name and (ROOT / name).exists():
                (directory / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, directory / name)
        if owner:
            for path in [directory, *directory.rglob("*")]:
                os.chown(path, owner, owner)
        return directory

    return make


def _stranger():
    """Return an account that is not root's to run as, None if we are not root ourselves."""
    return NOBODY if os.getuid() == 0 else None


def test_an_ordinary_user_without_a_home_in_a_deep_path_with_spaces(copy):
    directory = copy(owner=_stranger())
    environment = BARE | {"HOME": "/nonexistent"}
    with Site(directory / "var", directory=directory, user=_stranger(), environment=environment) as site:
        assert site.started()
        site.interrupt()
        assert nothing_is_left(site, within=1)
        assert site.started()


@pytest.mark.skipif(os.getuid() != 0, reason="only root has a home that the account of the servers cannot enter")
def test_root_in_a_home_that_nobody_else_enters(copy, open_dir):
    directory = copy()
    open_dir.chmod(0o700)
    with Site(directory / "var", directory=directory, environment=BARE | {"HOME": str(open_dir)}) as site:
        assert site.started()
        assert (directory / "var" / "postgres").readlink().parent.as_posix() == "/var/lib/cornerstone"
        site.kill_everything()
        assert site.started()


@pytest.fixture
def old_postgres(open_dir):
    """A PostgreSQL 15 with a database for us, started in the ordinary way."""
    if not OLD_POSTGRES.exists():
        pytest.skip(f"there is no {OLD_POSTGRES}")
    user = account()
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    home = open_dir / "fifteen"
    home.mkdir()
    if user:
        os.chown(home, user.pw_uid, user.pw_gid)

    def run(*command):
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL, **identity)

    port = free_port()
    run(OLD_POSTGRES / "initdb", "-D", home / "data", "-U", "postgres", "--auth=trust", "--locale=C.UTF-8")
    options = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
    run(OLD_POSTGRES / "pg_ctl", "-D", home / "data", "-o", options, "-l", home / "log", "-w", "start")
    with psycopg.connect(f"postgres://postgres@127.0.0.1:{port}/postgres", autocommit=True) as connection:
        connection.execute("CREATE ROLE ours LOGIN")
        connection.execute("CREATE DATABASE ours OWNER ours")
    yield f"postgres://ours@127.0.0.1:{port}/ours"
    run(OLD_POSTGRES / "pg_ctl", "-D", home / "data", "-m", "immediate", "stop")


def test_the_database_of_somebody_else_is_used_and_left_running(old_postgres, open_dir):
    with Site(open_dir / "var", DATABASE_URL=old_postgres) as site:
        site.started()
        assert site.status("/readyz") == 200
        assert not (open_dir / "var" / "postgres").exists()
        site.interrupt()
        assert nothing_is_left(site, within=1)
    with psycopg.connect(old_postgres) as connection:
        assert connection.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 0
