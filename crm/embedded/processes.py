"""Child processes that do not outlive the process which started them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PROC = Path("/proc")


def spawn(command, *, log, env, user=None, cwd=None, farewell=signal.SIGTERM):
    """Start a program in a session of its own, its output added to the file `log`, and return it.

    `user` is an account (pwd entry) to drop to, None for our own. When this process dies, however it
    dies, the program gets the signal `farewell` (on Linux). Call it from the main thread: the kernel
    sends that signal when the thread that started the child ends.
    """
    account = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    with open(log, "ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=die_with(os.getpid(), farewell),
            **account,
        )


def die_with_parent(farewell=signal.SIGTERM):
    """Ask the kernel to send this process `farewell` when its parent dies."""
    die_with(os.getppid(), farewell)()


def die_with(parent, farewell):
    """Return what a new child calls so that it gets `farewell` when the process `parent` dies."""

    def ask():
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, farewell)
            if os.getppid() != parent:  # it died before we could ask
                os._exit(1)

    return ask


def stop(process, *, signals, patience):
    """End a process and its whole session: each of `signals` in turn, `patience` seconds apart, then SIGKILL."""
    for number in [*signals, signal.SIGKILL]:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            continue
    kill_session(process.pid)


def kill_session(pid):
    """Kill what is left of the session that a process of ours has led."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def is_alive(pid):
    """Return whether a process has this number and has not ended."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return _answers(pid) if not _PROC.exists() else False


def _answers(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def marked(name, value):
    """Return the numbers of the processes (not ours) that were started with `name`=`value` in their environment."""
    mark = f"{name}={value}".encode()
    return [pid for pid in _others() if mark in _read(pid, "environ").split(b"\0")]


def working_in(directory, *, program):
    """Return the numbers of the processes of this name (not ours) whose working directory this is."""
    there = os.path.realpath(directory)
    return [pid for pid in _others() if _read(pid, "comm").strip() == program.encode() and _link(pid, "cwd") == there]


def end_all(find, *, signals, patience):
    """End every process that `find()` names: each of `signals` in turn, `patience` seconds apart, then SIGKILL.

    Returns how many there were.
    """
    found = find()
    for number in [*signals, signal.SIGKILL]:
        for pid in find():
            _send(pid, number)
        deadline = time.monotonic() + patience
        while (left := any(map(is_alive, found))) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not left:
            break
    return len(found)


def _send(pid, number):
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _others():
    return [int(entry.name) for entry in _PROC.glob("[0-9]*") if int(entry.name) != os.getpid()]


def _read(pid, name):
    try:
        return (_PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""


def _link(pid, name):
    try:
        return os.readlink(_PROC / str(pid) / name)
    except OSError:
        return None
