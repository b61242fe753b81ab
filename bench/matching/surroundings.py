"""The virtual environment of the tools that matching is measured beside; that of the project stays as it is."""

import hashlib
import subprocess
import sys
from pathlib import Path

from bench.matching.sets import ROOT

LOCK = Path(__file__).with_name("requirements.lock")
PLACE = ROOT / "bench" / ".env"
UV = ROOT / ".venv" / "bin" / "uv"


def python():
    """Return the interpreter in which the locked packages are installed, making it first if need be."""
    interpreter, stamp = PLACE / "bin" / "python", PLACE / "lock.sha256"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not (stamp.exists() and stamp.read_text() == wanted):
        print("Installing what matching is measured beside into bench/.env ...", flush=True)
        subprocess.run([UV, "venv", "--quiet", "--allow-existing", "--python", sys.executable, PLACE], check=True)
        options = ["--quiet", "--require-hashes", "--python", interpreter]
        subprocess.run([UV, "pip", "sync", *options, LOCK], check=True)
        stamp.write_text(wanted)
    return interpreter
