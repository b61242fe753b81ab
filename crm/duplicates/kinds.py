"""Which kinds of records are matched, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from crm.matching.finding import Specification


def _unworded(line, _population):
    return line.level


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of record that is matched.

    `number` stands for it in the tables: never changed, never given to another. `read(ids)` returns (ids in ascending
    order, {column: slots of texts}) of the live ones among these records, of all with None.

    What people read of a pair: `labels`: {comparison: what it is called}; `worded(Evidence, population)`: its outcome
    in words; `tells`: {comparison: fields of the record without which nobody may know its outcome}.
    """

    number: int
    model: type
    specification: Specification
    read: Callable
    labels: dict = field(default_factory=dict)
    worded: Callable = _unworded
    tells: dict = field(default_factory=dict)

    @property
    def name(self):
        return self.model._meta.label_lower


_kinds: dict[type, Kind] = {}


def register(kind):
    """Let records of a kind be matched. Raises ValueError for a number that is taken."""
    if kind.number in {other.number for other in _kinds.values() if other.model is not kind.model}:
        raise ValueError(f"{kind.name}: number {kind.number} is taken")
    _kinds[kind.model] = kind


def kinds():
    """Return every kind that is matched."""
    return list(_kinds.values())


def kind_of(model):
    """Return the kind of these records, None if they are not matched."""
    return _kinds.get(model)


def numbered(number):
    """Return the kind of this number. Raises LookupError if there is none."""
    for kind in _kinds.values():
        if kind.number == number:
            return kind
    raise LookupError(f"no kind of number {number} is matched")
