"""How acts of some kinds are undone where that is not row by row, and whose those rows are that no record owns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class Refused(Exception):
    """The act cannot be undone by this user, or not now. `words` say why."""

    def __init__(self, words):
        super().__init__(str(words))
        self.words = words


@dataclass(frozen=True)
class Rule:
    """A kind of act that is undone as a whole, and once: to do it again is an act of its own.

    `check(act, by)` locks what the act is about and raises Refused; who passes it undoes every row, whoever's it is by
    now, in the trash or not. `settle(table, lines)` may settle rows its own way, before they are looked at.
    """

    check: Callable
    settle: Callable
    at_once: int
    """Rows that are undone while one waits; of more a job does the rest."""


_rules: dict[str, Rule] = {}
_rights: dict[type, Callable] = {}


def rule(kind, made):
    """Register the rule by which acts of a kind are undone."""
    _rules[kind] = made


def rule_of(act):
    """Return the Rule of an act, None if it is undone row by row."""
    return _rules.get(act.kind)


def rights(*models):
    """Function decorator: of tables that hold neither records nor parts it says which rows a user may bring back.

    It is called with [(id, values)] and the user; `values`: {column: set of what stood in it before and after the act
    and stands there now}. It returns the ids. Without such a function nobody may.
    """

    def register(function):
        _rights.update(dict.fromkeys(models, function))
        return function

    return register


def rights_of(model):
    """Return the function that says which rows of a plain table somebody may bring back, None if there is none."""
    return _rights.get(model)
