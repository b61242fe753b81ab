"""The Chromium of the browser tests: the one that is installed, else one from the system's packages."""

import os
import shutil
import subprocess

from crm.launcher.terminal import LauncherError, say

_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
_INSTALLERS = {
    "apt-get": [["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]],
    "dnf": [["dnf", "install", "--assumeyes", "chromium"]],
    "apk": [["apk", "add", "chromium"]],
}


def require_browser():
    """Return the path of a Chromium, installing it if we may. Raises LauncherError that says what to do."""
    found = _installed() or _install()
    if found is None:
        raise LauncherError(
            "The browser tests need Chromium, and it could not be installed from here. Install it (Debian: "
            "apt-get install chromium; Fedora: dnf install chromium; Alpine: apk add chromium), or set CHROMIUM "
            "to the path of a Chromium or Chrome."
        )
    return found


def _installed():
    given = os.environ.get("CHROMIUM")
    if given and not os.access(given, os.X_OK):
        raise LauncherError(f"CHROMIUM is {given}, which is not a program.")
    return given or next(filter(None, map(shutil.which, _NAMES)), None)


def _install():
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for tool, commands in _INSTALLERS.items():
        if shutil.which(tool) and (not rights or shutil.which("sudo")):
            say(f"Installing Chromium with {tool}")
            for command in commands:
                subprocess.run([*rights, *command], check=False, stdout=subprocess.DEVNULL)
            return _installed()
    return None
