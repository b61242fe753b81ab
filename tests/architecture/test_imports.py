"""Imports run one way: between the apps, inside crm/ and inside an app. The contracts stand in pyproject.toml."""

import re
import tomllib

import pytest
from importlinter.cli import lint_imports

from tests.architecture.source import ROOT, modules

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
WITHOUT_A_LAYER = {
    "crm.accounts", "crm.administration", "crm.audit", "crm.bootstrap", "crm.importing", "crm.jobs", "crm.mailing",
    "crm.merging",
    "crm.notifications", "crm.receiving", "crm.undo",
}  # fmt: skip
"""Set-up has a contract of its own; the packages only gather what stands in their modules."""


def layered(contract):
    """Return the modules a contract of layers names."""
    return {re.sub(r"[()]", "", name.strip()) for layer in contract["layers"] for name in layer.split("|")}


def test_the_contracts_are_kept(capsys):
    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out


def named(contract):
    return next(entry for entry in CONTRACTS if entry["name"] == contract)


def test_every_module_of_crm_has_its_layer():
    """A new module is put where it belongs before anything imports it."""
    listed = layered(named("Inside crm imports run one way")) | WITHOUT_A_LAYER
    found = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in modules()}
    inside = {name for name in found if name.startswith("crm.")}
    assert {name for name in inside if not any(name == one or name.startswith(f"{one}.") for one in listed)} == set()


@pytest.mark.parametrize("app", named("Inside an app imports run one way")["containers"])
def test_every_app_has_the_same_rooms(app):
    rooms = layered(named("Inside an app imports run one way")) | {"apps", "__init__", "migrations"}
    found = {re.split(r"[/.]", path)[1] for path in modules() if path.startswith(f"{app}/")}
    assert found <= rooms


def test_every_app_is_under_the_contracts():
    apps = {path.split("/")[0] for path in modules()} - {"crm"}
    assert apps == set(named("Inside an app imports run one way")["containers"])
