"""A row as it is read, and a record as it stands after the rows folded into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crm.importing.rows import ImportRow


@dataclass
class Draft:
    """A row as it is read. `values`: {field: value}, `places`: {field: the column of the file it comes from}.

    `parts`: rows of parts that have passed the gate. `bad`, `was`, `hints`: {place: words}. `double`: (id, probability,
    name) of the record it most likely is; `merges`: it is merged with that. `about`, `along`: [(name of a foreign key,
    id)] of the records it names, and of those that come along with them.
    """

    row: ImportRow
    texts: dict[str, list[tuple[int, str]]]
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    parts: list = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    bad: dict[int, str] = field(default_factory=dict)
    was: dict[int, str] = field(default_factory=dict)
    hints: dict[int, str] = field(default_factory=dict)
    name: str = ""
    employer: Any = None
    about: list[tuple[str, int]] = field(default_factory=list)
    along: list[tuple[str, int]] = field(default_factory=list)
    target: int | None = None
    reason: str = ""
    double: tuple[int, float, str] | None = None
    merges: bool = False

    def text(self, key):
        """Return what stands in the column of a key, "" if none is mapped or it is empty."""
        return self.texts[key][0][1] if key in self.texts else ""

    def refuse(self, place, why):
        self.bad.setdefault(place, str(why))

    @property
    def is_ready(self):
        """Whether nothing speaks against it so far."""
        return not (self.bad or self.reason)


@dataclass
class Whole:
    """A record with its parts, as it stands after the rows folded in so far. `numbers`: its new ones elsewhere."""

    record: Any
    parts: list
    is_new: bool
    fixed: frozenset[str] = frozenset()
    changed: set[str] = field(default_factory=set)
    new_parts: list = field(default_factory=list)
    changed_parts: list = field(default_factory=list)
    rows: list[ImportRow] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)

    @property
    def is_changed(self):
        return bool(self.changed or self.new_parts or self.changed_parts)
