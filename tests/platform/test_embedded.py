"""The embedded servers: what they let in, what they sort and find, where they lie."""

import os
import signal
import stat
import subprocess
import sys

import psycopg
import pytest
import redis

from crm import embedded
from crm.embedded import processes
from crm.embedded.places import Place, account
from crm.embedded.postgres import Postgres
from crm.embedded.servers import started, throwaway
from crm.launcher.databases import require_usable
from crm.launcher.terminal import LauncherError
from tests.platform.sites import comes_true

only_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can change to another account")


@pytest.fixture
def connection(servers):
    with psycopg.connect(servers["DATABASE_URL"], autocommit=True) as connection:
        yield connection


def _scalar(connection, sql):
    return connection.execute(sql).fetchone()[0]


def test_the_server_is_postgresql_18_with_unicode_order_and_case(connection):
    assert connection.info.server_version // 10000 == 18
    assert _scalar(connection, "SELECT datlocale FROM pg_database WHERE datname = 'cornerstone'") == "PG_UNICODE_FAST"
    assert _scalar(connection, "SELECT upper('straße ł')") == "STRASSE Ł"


def test_letters_beyond_ascii_have_trigrams(connection):
    connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert _scalar(connection, "SELECT similarity('Иванов', 'Иванова')") > 0.5


def test_the_role_of_the_site_owns_its_database_and_is_no_superuser(connection):
    assert not _scalar(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    assert _scalar(connection, "SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user")


def test_the_servers_do_not_listen_on_the_network(connection, servers):
    assert _scalar(connection, "SHOW listen_addresses") == ""
    assert redis.Redis.from_url(servers["REDIS_URL"]).config_get("port") == {"port": "0"}


def test_a_wrong_password_is_refused(servers):
    password = psycopg.conninfo.conninfo_to_dict(servers["DATABASE_URL"])["password"]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(servers["DATABASE_URL"].replace(password, "guessed"))


def test_only_the_account_of_the_servers_enters_the_directory_of_the_sockets(servers):
    sockets = psycopg.conninfo.conninfo_to_dict(servers["DATABASE_URL"])["host"]
    assert stat.S_IMODE(os.stat(sockets).st_mode) == 0o700
    assert os.stat(sockets).st_uid == (account().pw_uid if account() else os.getuid())


@only_root
def test_another_account_of_this_machine_reaches_neither_server(servers):
    sockets = psycopg.conninfo.conninfo_to_dict(servers["DATABASE_URL"])["host"]
    assert subprocess.run(["/bin/ls", sockets], user=12345, group=12345, extra_groups=[], check=False).returncode != 0


def test_nothing_is_left_of_throw_away_servers(servers):
    with throwaway() as found:
        host = psycopg.conninfo.conninfo_to_dict(found["DATABASE_URL"])["host"]
        assert os.path.exists(host)
    assert not os.path.exists(host)


def test_addresses_are_known_without_starting_anything(servers, open_dir):
    assert embedded.database_url(open_dir) is None and embedded.redis_url(open_dir) is None
    with started(open_dir, durable=False) as found:
        assert embedded.database_url(open_dir) == found["DATABASE_URL"]
    assert embedded.database_url(open_dir) == found["DATABASE_URL"]


@only_root
def test_data_lie_elsewhere_where_the_account_cannot_enter(servers, open_dir):
    open_dir.chmod(0o700)
    place = Place(open_dir / "var")
    directory = place.directory("postgres")
    try:
        assert directory.parent.as_posix() == "/var/lib/cornerstone"
        assert place.directory("postgres") == directory == (open_dir / "var" / "postgres").readlink()
    finally:
        directory.rmdir()


def test_an_old_postgresql_is_refused_with_plain_words(servers, monkeypatch):
    monkeypatch.setattr("crm.launcher.databases.OLDEST", 99)
    with pytest.raises(LauncherError, match="needs PostgreSQL 99 or newer; DATABASE_URL names a PostgreSQL 18"):
        require_usable(servers["DATABASE_URL"])


def test_data_of_another_version_are_refused_with_plain_words(open_dir):
    (open_dir / "postgres" / "17").mkdir(parents=True)
    with pytest.raises(Exception, match="written by PostgreSQL 17"):
        Postgres(Place(open_dir)).start()


def test_a_child_dies_with_the_process_that_started_it(open_dir):
    script = (
        "import os, sys; from crm.embedded import processes\n"
        f"child = processes.spawn(['sleep', '600'], log={str(open_dir / 'log')!r}, env=dict(os.environ))\n"
        "print(child.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    child = int(ended.stdout)
    assert ended.returncode == -signal.SIGKILL
    assert comes_true(lambda: not processes.is_alive(child), within=5)
