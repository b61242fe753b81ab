"""Programs that run once and must go well."""

import os
import signal
import subprocess

from crm.embedded import processes
from crm.embedded.stopping import pause
from crm.launcher.terminal import ROOT, LauncherError


def run(command, *, environment=None):
    """Run a program to its end, its output on our terminal; return its exit code. It ends when we do."""
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment or os.environ,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=processes.die_with(os.getpid(), signal.SIGTERM),
    ) as process:
        try:
            while process.poll() is None:
                pause(0.05)
            return process.returncode
        finally:
            processes.stop(process, signals=[signal.SIGINT, signal.SIGTERM], patience=5)


def call(command, *, environment=None):
    """Run a program. Raises LauncherError if it fails."""
    code = run(command, environment=environment)
    if code:
        raise LauncherError(f"{' '.join(map(str, command[1:]))} ended with {code}.")
