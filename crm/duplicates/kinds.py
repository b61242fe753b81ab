"""Which kinds of records are matched, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from crm.access import access_of
from crm.matching.finding import Specification


def _unworded(line, _population, **_how):
    return line.level


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of record that is matched.

    `number` stands for it in the tables: never changed, never given to another. `read(ids, reader=None)` returns (ids
    in ascending order, {column: slots of texts}) of the live ones among these records (a list of ids, or a Between), of
    all with None; for a reader without the names of related records that are hidden from them. `rights`: {name under
    which rights on fields speak of it: columns}.

    What people read of a pair: `labels`: {comparison: what it is called}; `worded(Evidence, population, counts=True)`:
    its outcome in words, without `counts` not of how many records; `tells`: {comparison: fields of the record without
    which nobody may know its outcome}.
    """

    number: int
    model: type
    specification: Specification
    read: Callable
    rights: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    worded: Callable = _unworded
    tells: dict = field(default_factory=dict)

    @property
    def name(self):
        return self.model._meta.label_lower

    def frame_of_one(self, columns):
        """Return the frame of one record that need not be stored. `columns`: {column: its texts}."""
        slots = {name: [[text] for text in texts or [""]] for name, texts in columns.items()}
        return self.specification.standardise(slots)

    def seen(self, columns, user):
        """Return the columns without those of fields that are hidden from a user."""
        hidden = access_of(user).hidden(self.name)
        unseen = {column for right in hidden for column in self.rights.get(right, ())}
        return {name: texts for name, texts in columns.items() if name not in unseen}


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
