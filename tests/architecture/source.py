"""The source of the product as syntax trees, for the tests that read it."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = ("crm", "contacts", "interactions", "sales", "campaigns", "support", "quality", "insights", "connections")


@cache
def modules():
    """Return {path from the root: syntax tree} of every module of every app, migrations aside."""
    files = (path for app in APPS for path in sorted((ROOT / app).rglob("*.py")))
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text())
        for path in files
        if "migrations" not in path.parts
    }


def above():
    """Return the modules outside crm/."""
    return {path: tree for path, tree in modules().items() if not path.startswith("crm/")}


def calls(tree, *names):
    """Yield the calls of a method or function with one of these names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in names:
            yield node


def called(call):
    """Return the last name of what is called: "update" for rows.filter(...).update()."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def at(path, node):
    return f"{path}:{node.lineno}"


def templates():
    """Return every template of ours."""
    return sorted((ROOT / "templates").rglob("*.html"))
