"""What the launcher says, and where things of this directory are."""

import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class LauncherError(Exception):
    """We cannot go on; the text says why and what to do."""


def say(text):
    """Print a line with the time of day."""
    show(f"{time.strftime('%H:%M:%S')}  {text}")


def show(text):
    """Print a text; a terminal that was closed is not missed."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115


def var_dir():
    """Return VAR_DIR, made if need be; relative names are seen from the repository."""
    directory = (ROOT / (os.environ.get("VAR_DIR") or "var")).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def end_of(path, lines=15):
    """Return the last lines of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
