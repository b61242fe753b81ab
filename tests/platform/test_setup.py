"""The set-up that every make command begins with."""

import subprocess
import sys

import pytest

from crm import bootstrap
from tests.platform.sites import ROOT


@pytest.fixture
def directory(tmp_path, monkeypatch):
    """A directory whose only step makes a file `made` out of a file `source`, counting how often."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "KEPT", tmp_path / "kept")
    (tmp_path / "source").write_text("one")
    return tmp_path


def _step(directory):
    made = directory / "made"
    bootstrap.once("step", "Making", [directory / "source"], makes=made, by=lambda: made.open("a").write("x"))
    return made.read_text()


def test_a_step_is_skipped_until_its_inputs_or_its_result_change(directory):
    assert [_step(directory), _step(directory)] == ["x", "x"]
    (directory / "source").write_text("two")
    assert [_step(directory), _step(directory)] == ["xx", "xx"]
    (directory / "made").unlink()
    assert _step(directory) == "x"


def test_a_step_that_failed_is_due_again(directory):
    def fail():
        raise bootstrap.SetupFailed("no network")

    _step(directory)
    (directory / "source").write_text("two")
    with pytest.raises(bootstrap.SetupFailed):
        bootstrap.once("step", "Making", [directory / "source"], makes=directory / "made", by=fail)
    assert _step(directory) == "xx"


def test_set_up_needs_the_standard_library_only_and_takes_a_moment_when_nothing_changed():
    command = ["python3", "-I", ROOT / "crm" / "bootstrap.py"]
    subprocess.run(command, check=True)
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert [line for line in said if not line.startswith("Waiting for")] == []  # another test may set up just now


def test_a_failing_command_is_shown_with_the_end_of_what_it_said():
    with pytest.raises(bootstrap.SetupFailed, match="ended with 3(.|\n)*no such mirror"):
        bootstrap.run([sys.executable, "-c", "print('no such mirror'); raise SystemExit(3)"])


def test_an_npm_that_is_too_old_gives_way_to_the_one_in_the_virtual_environment():
    assert bootstrap.node_on_path(wanted=999) is None
    node, _cli = bootstrap.node_in_venv()
    assert node.exists()


@pytest.mark.parametrize("home", ["/nonexistent", ""])
def test_without_a_home_the_caches_lie_in_the_virtual_environment(monkeypatch, home):
    monkeypatch.setenv("HOME", home)
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    assert bootstrap.environment()["UV_CACHE_DIR"].startswith(str(bootstrap.VENV))
