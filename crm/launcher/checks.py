"""`make lint`, `make test`, `make test-all`: every check, each timed, none skipped, one line about each at the end."""

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from crm.embedded.servers import throwaway
from crm.launcher.browsers import require_browser
from crm.launcher.steps import run

_PY = sys.executable
_MANAGE = [_PY, "manage.py"]
_RUFF = [_PY, "-m", "ruff"]
_PYTEST = [_PY, "-m", "pytest", "-n", "2", "--durations", "25"]

STYLE = {
    "lint": [*_RUFF, "check", "--output-format", "concise"],
    "format": [*_RUFF, "format", "--check", "--quiet"],
    "templates": [_PY, "-m", "djlint", "templates", "--lint", "--quiet"],
    "types": [_PY, "-m", "mypy"],
    "import contracts": [_PY, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
}
DATABASE = {
    "system checks": [*_MANAGE, "check", "--fail-level", "WARNING"],
    "missing migrations": [*_MANAGE, "makemigrations", "--check", "--dry-run"],
    "safe migrations": [_PY, "-m", "crm.launcher.migrations"],
}


@dataclass
class Outcome:
    """How one step went: its exit code, its seconds, and the tests it passed and failed."""

    name: str
    code: int
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def lint():
    """Check style, types and import contracts."""
    return _report([_step(name, command, _environment()) for name, command in STYLE.items()])


def test():
    """Run every check and test but the long ones."""
    return _test_everything("not long")


def test_all():
    """Run every check and test, the long ones too."""
    return _test_everything("")


def _test_everything(marks):
    browser = require_browser()
    with throwaway() as servers, tempfile.TemporaryDirectory() as results:
        environment = _environment() | servers | {"CHROMIUM": browser}
        outcomes = [_step(name, command, environment) for name, command in (STYLE | DATABASE).items()]
        for name, folders in {"tests": ["tests", "--ignore=tests/browser"], "browser tests": ["tests/browser"]}.items():
            report = Path(results) / f"{name}.xml"
            command = [*_PYTEST, *folders, "-m", marks, f"--junitxml={report}"]
            outcomes.append(_counted(_step(name, command, environment), report))
    return _report(outcomes)


def _environment():
    return os.environ | {"CORNERSTONE_PROCESS": "test"}


def _step(name, command, environment):
    print(f"\n== {name}", flush=True)
    started = time.monotonic()
    code = run(command, environment=environment)
    return Outcome(name, code, time.monotonic() - started)


def _counted(outcome, report):
    """Add to the outcome what pytest's report counts."""
    if report.exists():
        (suite,) = ElementTree.parse(report).getroot().iter("testsuite")
        count = {name: int(suite.attrib[name]) for name in ["tests", "failures", "errors", "skipped"]}
        outcome.failed, outcome.skipped = count["failures"] + count["errors"], count["skipped"]
        outcome.passed = count["tests"] - outcome.failed - outcome.skipped
    return outcome


def _report(outcomes):
    print()
    for outcome in outcomes:
        print(f"  {'ok    ' if outcome.code == 0 else 'FAILED'}  {outcome.name:<20} {outcome.seconds:6.1f} s")
    print(f"  in all {sum(outcome.seconds for outcome in outcomes):.0f} s\n")
    passed, failed, skipped = (
        sum(getattr(each, name) for each in outcomes) for name in ("passed", "failed", "skipped")
    )
    if passed or failed:
        print(f"tests: {passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""), flush=True)
    return int(any(outcome.code for outcome in outcomes))
