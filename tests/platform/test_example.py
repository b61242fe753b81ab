"""An app such as those to come stands on the mechanisms alone: tests/example, in a process of its own."""

import os
import subprocess
import sys

from tests.architecture.source import ROOT


def test_the_example_app_works():
    command = [sys.executable, "-m", "pytest", "tests/example/suite.py", "-q", "--ds=tests.example.settings", "-x"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
