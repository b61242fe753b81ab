"""What the launcher says, and where things of this directory are."""

import os
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class LauncherError(Exception):
    """We cannot go on; the text says why and what to do."""


def say(text):
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def var_dir():
    """Return VAR_DIR, made if need be; relative names are seen from the repository."""
    directory = (ROOT / (os.environ.get("VAR_DIR") or "var")).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def end_of(path, lines=15):
    """Return the last lines of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
