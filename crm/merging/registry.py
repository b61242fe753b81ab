"""What can be merged, and by which rules: said by the app that owns it, in its merging.py.

`register(Mergeable(Person, ...))` for a kind of record. For what belongs to it: `collision(...)` for rows of which only
one can stay, `reference(...)` for tables that know records by kind and id, `along(...)` for what the screen counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import events
from crm.merging import proposing

MOVED, REBUILT, HISTORY = "moved", "rebuilt", "history"


@dataclass(frozen=True)
class Field:
    """Columns that are picked together. `propose([Side])` gives a Proposal; `shown(record, names)` the value in words.

    `rights`: the names under which rights speak of it, those of its columns if none are said.
    """

    key: str
    label: object
    columns: tuple[str, ...]
    propose: Callable = proposing.likeliest
    rights: tuple[str, ...] = ()
    shown: Callable | None = None

    @property
    def rights_names(self):
        return self.rights or self.columns


@dataclass(frozen=True)
class Reached:
    """A sort of part of which all are kept and one is primary: picked is which. `same`: columns that make two equal.

    `one_primary`: names of the constraints that hold one primary of each record.
    """

    key: str
    label: object
    part: type
    same: tuple[str, ...]
    one_primary: tuple[str, ...]
    propose: Callable = proposing.proved

    @property
    def rights_names(self):
        return (self.part.rights_name,)

    def covers(self, relation):
        """Return the constraints of a relation that uniting these parts settles."""
        return self.one_primary if relation.model is self.part else ()


@dataclass(frozen=True)
class United:
    """A column of which nothing is lost and nothing is picked: `unite([values])`, the survivor's first, gives the new.

    `words`: how it comes about, for the screen; without a label it is not shown.
    """

    column: str
    unite: Callable
    label: object = ""
    words: object = ""


@dataclass(frozen=True)
class Mergeable:
    """A kind of record that can be merged. `fields`: Field and Reached in the order of the screen.

    Of created_at and created_by the oldest are kept. `lasting`: columns that never change for one and the same, such as
    a birthday: where two differ somebody has to look.
    """

    model: type
    fields: tuple
    united: tuple[United, ...] = ()
    lasting: tuple[str, ...] = ()

    @property
    def picked(self):
        return [one for one in self.fields if isinstance(one, Field)]

    @property
    def reached(self):
        return [one for one in self.fields if isinstance(one, Reached)]


@dataclass(frozen=True)
class Collision:
    """Rows of a table that are the same but for the record they name: the survivor's stays, else the first other's.

    `same`: the columns that make two rows the same. `covers`: names of the unique constraints this settles.
    """

    model: type
    same: tuple[str, ...]
    covers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reference:
    """Columns that name a record by kind and id. `how`: MOVED by `move(model, survivor, losers)`, REBUILT, or HISTORY,
    which stays as it was written and is read through the tombstone; `because` says why."""

    model: type
    column: str
    how: str
    because: str
    move: Callable | None = None


@dataclass(frozen=True)
class Along:
    """Something that moves along and is counted on the screen: `count(model, ids, reader)` gives ({id: number}, number
    of all, each once), of what the reader sees; None where they see none of the kind."""

    label: object
    count: Callable


_mergeables: dict[type, Mergeable] = {}
_collisions: dict[type, Collision] = {}
_references: dict[tuple[type, str], Reference] = {}
_along: list[tuple[tuple[type, ...], Along]] = []
_proofs: dict[type, list[Callable]] = {}
_reversal: list[str] = []


def register(mergeable):
    """Let records of a kind be merged."""
    _mergeables[mergeable.model] = mergeable
    kind = mergeable.model._meta.label_lower
    words = _("%(kind)s merged with others") % {"kind": mergeable.model._meta.verbose_name}
    events.declare(f"{kind}.merged", words, facts=("records",))
    return mergeable


def mergeables():
    return list(_mergeables.values())


def mergeable(model):
    """Return how records of a kind are merged, None if they are not."""
    return _mergeables.get(model)


def collision(model, same, *, covers=()):
    """Say which rows of a table are the same when the records they belong to are one."""
    _collisions[model] = Collision(model, tuple(same), tuple(covers))


def collision_of(model):
    return _collisions.get(model)


def reference(model, column, *, how, because, move=None):
    """Say what becomes of a column that names records by kind and id when they are merged."""
    _references[model, column] = Reference(model, column, how, because, move)


def references():
    return list(_references.values())


def declared(model, column):
    return _references.get((model, column))


def along(*models, label, count):
    """Count something on the screen of merges of records of these kinds."""
    _along.append((models, Along(label, count)))


def along_of(model):
    return [one for models, one in _along if model in models]


def proof(*parts):
    """Function decorator: it is called with parts of one sort, of records that a reader has opened, and the reader.

    It returns {id of a part: Proof} of those of which it knows that they are right, as far as the reader may know.
    """

    def add(function):
        for part in parts:
            _proofs.setdefault(part, []).append(function)
        return function

    return add


def proofs_of(part):
    return _proofs.get(part, [])


def reversal_page(url_name):
    """Say at which address merges are taken apart; it is asked with `act`."""
    _reversal[:] = [url_name]


def reversal_url(act_id):
    """Return the address of the page that takes a merge apart, "" if there is none."""
    return f"{reverse(_reversal[0])}?act={act_id}" if _reversal else ""
