"""The embedded PostgreSQL: made, started, recovered after a crash, and stopped."""

import locale
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from crm.embedded import processes
from crm.embedded.places import EmbeddedServerError, postgres_program, programs
from crm.embedded.stopping import pause

MAJOR = "18"
ROLE = DATABASE = "cornerstone"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_START_SECONDS = 600  # recovery after a crash replays up to max_wal_size
_MB = 1024 * 1024

_TUNED = {
    "max_connections": "200",
    "random_page_cost": "1.1",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "cluster_name": "cornerstone",
}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "10min"}


class Postgres:
    """The PostgreSQL server of one place. It listens on a unix socket only and asks for a password.

    `durable=False` is for tests: a crash of the machine may lose or damage everything.
    """

    name = "postgres"

    def __init__(self, place, *, durable=True):
        self.place = place
        self.durable = durable
        self.process = None

    def start(self):
        """Start the server, making its cluster first if there is none; return when it answers.

        Whatever an earlier, killed run left behind is stopped first. Raises EmbeddedServerError.
        """
        self.bin = programs(self.place.account)
        self.cluster = self.place.directory("postgres") / MAJOR
        self._refuse_other_versions()
        if not self.cluster.exists():
            self._initdb()
        self._clear_leftovers()
        self.process = processes.spawn(
            [postgres_program(self.bin), "-D", self.cluster, *_options(self._settings())],
            log=self.place.log(self.name),
            env=_ENVIRONMENT,
            user=self.place.account,
            cwd=self.cluster,
            farewell=signal.SIGINT,
        )
        self._wait_until_it_answers()
        self._ensure_database()

    def stop(self):
        """End the server: fast shutdown, at need immediate."""
        if self.process:
            processes.stop(self.process, signals=[signal.SIGINT, signal.SIGQUIT], patience=30)

    def _refuse_other_versions(self):
        others = [path.name for path in self.cluster.parent.glob("[0-9]*") if path != self.cluster]
        if others and not self.cluster.exists():
            raise EmbeddedServerError(
                f"The data in {self.cluster.parent} were written by PostgreSQL {others[0]}; this is {MAJOR}. "
                "Dump them with the release that wrote them, move the directory away and load the dump."
            )

    def _initdb(self):
        half_done = self.cluster.with_name("half-done")
        shutil.rmtree(half_done, ignore_errors=True)
        secret = self.cluster.with_name("password")
        secret.touch(mode=0o600)
        secret.write_text(self.place.password())
        self.place.give(secret)
        try:
            self._run_initdb(half_done, secret)
        finally:
            secret.unlink()
        half_done.rename(self.cluster)

    def _run_initdb(self, directory, secret):
        command = [
            postgres_program(self.bin, "initdb"),
            f"--pgdata={directory}",
            "--username=postgres",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=PG_UNICODE_FAST",
            "--lc-collate=C",
            f"--lc-ctype={_unicode_ctype()}",
            "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        ]
        account = self.place.account
        identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        done = subprocess.run(command, env=_ENVIRONMENT, cwd="/", capture_output=True, text=True, **identity)
        if done.returncode:
            raise EmbeddedServerError(f"PostgreSQL could not make its data directory:\n{done.stdout}{done.stderr}")

    def _clear_leftovers(self):
        """Stop servers of killed runs; drop lock files whose process number now belongs to somebody else."""
        processes.end_all(
            lambda: processes.working_in(self.cluster, program="postgres"),
            signals=[signal.SIGINT, signal.SIGQUIT],
            patience=15,
        )
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        for path in self.place.sockets().glob(".s.PGSQL.*"):
            path.unlink(missing_ok=True)

    def _settings(self):
        memory = memory_bytes() // _MB
        ours = {
            "listen_addresses": "",
            "unix_socket_directories": self.place.sockets(),
            "unix_socket_permissions": "0700",
            "dynamic_shared_memory_type": "posix" if _shared_memory_is_ample() else "mmap",
            "shared_buffers": f"{min(memory // 4, 1024) if self.durable else 128}MB",
            "effective_cache_size": f"{memory // 2}MB",
        }
        return _TUNED | ours | ({} if self.durable else _FORGETFUL)

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise EmbeddedServerError(f"PostgreSQL did not start:\n{_tail(self.place.log(self.name))}")
            try:
                return self._connection().close()
            except psycopg.OperationalError:
                pause(0.05)
        raise EmbeddedServerError(f"PostgreSQL does not answer; see {self.place.log(self.name)}")

    def _connection(self):
        return psycopg.connect(
            host=str(self.place.sockets()), user="postgres", password=self.place.password(), dbname="postgres",
            autocommit=True, connect_timeout=5,
        )  # fmt: skip

    def _ensure_database(self):
        with self._connection() as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                secret = sql.Literal(self.place.password())
                connection.execute(sql.SQL(f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD {{}}").format(secret))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")


def _options(settings):
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _unicode_ctype():
    """Return the libc locale for letters beyond ASCII: pg_trgm asks libc, whatever the database's provider."""
    kept = locale.setlocale(locale.LC_CTYPE)
    try:
        return locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, kept)


def memory_bytes():
    """Return the memory we may use: the machine's, or the container's limit if that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")]
    given = [int(path.read_text()) for path in limits if path.exists() and path.read_text().strip().isdigit()]
    return min([machine, *given])


def _shared_memory_is_ample():
    try:
        found = os.statvfs("/dev/shm")
    except OSError:
        return False
    return found.f_bavail * found.f_frsize >= 256 * _MB and os.access("/dev/shm", os.W_OK)


def _tail(path, lines=15):
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
