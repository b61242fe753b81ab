"""What can be imported: each app registers its kinds of record in its importing package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm.access import access_of, policy_of


@dataclass(frozen=True)
class Column:
    """A column of ours that a column of a file can be read as.

    `names`: how files call it, beside its label. `right`: the field on which rights speak of it, else its key; `of`:
    the kind of record it is a field of, if it only names one of another kind.
    `several`: columns of a file that mean it are all taken; `between`: they are joined by this. `looks`: whether a text
    looks like one, for guesses. `choices`: of crm.importing.choices, where only some values are allowed. `example`: for
    the sample file; "" leaves it out there. `is_day`: there are days in it, so the order of day and month matters.
    `elsewhere`: it holds numbers of the program the file comes from.
    """

    key: str
    label: Any
    names: tuple[str, ...] = ()
    right: str = ""
    several: bool = False
    between: str = ""
    looks: Callable | None = None
    choices: Callable | None = None
    example: str = ""
    of: str = ""
    is_day: bool = False
    elsewhere: bool = False

    @property
    def named_right(self):
        return self.right or self.key


@dataclass(frozen=True)
class Key:
    """A way by which a row is recognised as a record that is there. `needs`: keys of columns of which one is mapped."""

    name: str
    label: Any
    needs: tuple[str, ...]


@dataclass(frozen=True)
class KnownExport:
    """The file another program makes. `marks`: columns that together tell it; `mapping`: {name of a column: key}.

    Names are compared without case and signs. Columns that are not in the mapping are guessed, but for those `left`.
    `whole`: (key, value) of what holds for all of its rows.
    """

    name: str
    marks: tuple[str, ...]
    mapping: dict[str, str]
    left: tuple[str, ...] = ()
    whole: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Importable:
    """A kind of record that can be imported. `planner`: the class that tells the fate of rows and writes them.

    `whole_file`: keys of columns with choices of which one value may hold for all rows whose cell is empty. `title`:
    what people call the kind in a choice, its plural if nothing is said.
    """

    slug: str
    model: Any
    planner: Any
    columns: tuple[Column, ...]
    keys: tuple[Key, ...]
    exports: tuple[KnownExport, ...] = ()
    icon: str = "table"
    whole_file: tuple[str, ...] = ()
    title: Any = ""
    by_key: dict[str, Column] = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "by_key", {column.key: column for column in self.columns})

    @property
    def kind(self):
        return self.model._meta.label_lower

    @property
    def label(self):
        return self.title or self.model._meta.verbose_name_plural

    def open_to(self, user):
        """Return the columns this user may set; what a record cannot be without can be given to a new one."""
        access = access_of(user)
        hidden, fixed = access.hidden(self.kind), access.fixed(self.kind)
        needed = policy_of(self.model).fixable

        def may(column):
            if column.of:
                return access.may(column.of, "view") and column.named_right not in access.hidden(column.of)
            right = column.named_right
            return right not in hidden and (right not in fixed or right in needed)

        return [column for column in self.columns if may(column)]


_importables: dict[str, Importable] = {}


def register(importable):
    """Make a kind importable."""
    _importables[importable.slug] = importable


def importables(user=None):
    """Return the kinds that can be imported, with a user those of which they may add or change any record."""
    found = list(_importables.values())
    if user is None:
        return found
    return [one for one in found if may_import(one.kind, user)]


def may_import(kind, user):
    """Whether a user may add or change any record of a kind."""
    access = access_of(user)
    return access.may(kind, "create") or access.may(kind, "edit")


def of_kind(kind):
    """Return the Importable of a kind of record ("contacts.person"). Raises LookupError."""
    for importable in _importables.values():
        if importable.kind == kind:
            return importable
    raise LookupError(f"{kind} cannot be imported")


def of_slug(slug):
    """Return the Importable of a word in an address ("people"). Raises KeyError."""
    return _importables[slug]
