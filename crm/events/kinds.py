"""Which events there are, and who listens to which. Apps declare both in code; the owner is the app in the name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.apps import apps
from django.utils.translation import gettext_lazy as _

LIFE = {
    "created": _("created"),
    "changed": _("changed"),
    "assigned": _("assigned to somebody"),
    "trashed": _("put in the trash"),
    "restored": _("taken out of the trash"),
}


class Undeclared(LookupError):
    """No app has declared an event of this name, or not with these facts."""


@dataclass(frozen=True)
class EventKind:
    """Something that can happen to a kind of row. `facts`: what is told with it, JSON, by name."""

    name: str
    label: object
    facts: frozenset[str]

    @property
    def owner(self):
        return self.name.partition(".")[0]

    @property
    def kind(self):
        """Return the kind of row it happens to: "sales.deal" of "sales.deal.won"."""
        return self.name.rpartition(".")[0]


@dataclass(frozen=True)
class Handler:
    """Who wants to know. `safe_again`: called twice for an event it does nothing more, so events can be replayed."""

    key: str
    label: object
    function: Callable
    names: frozenset[str]
    safe_again: bool
    tries: int

    @property
    def owner(self):
        return self.key.partition(".")[0]


_kinds: dict[str, EventKind] = {}
_handlers: dict[str, Handler] = {}
_heard: set[str] = set()


def declare(name, label, *, facts=()):
    """Make an event known: "app.model.what_happened". Raises ValueError for another form, or a name taken."""
    if name.count(".") != 2 or name.lower() != name or name in _kinds:
        raise ValueError(f"{name!r} is no new app.model.what_happened")
    _kinds[name] = EventKind(name, label, frozenset(facts))
    return _kinds[name]


def declare_record(kind, model):
    """Make known what happens to every kind of record. "assigned" tells the id of the new owner."""
    for verb, said in LIFE.items():
        facts = ("owner",) if verb == "assigned" else ()
        declare(f"{kind}.{verb}", f"{model._meta.verbose_name} {said}".capitalize(), facts=facts)


def declared():
    """Return every event there is, by name."""
    return dict(sorted(_kinds.items()))


def kind_of(name):
    """Return the event of this name. Raises Undeclared."""
    try:
        return _kinds[name]
    except KeyError:
        raise Undeclared(f"no app's events.py declares {name!r}") from None


def handler(*names, key, label, safe_again=False, tries=8):
    """Let the function below hear of events: it is called as `function(event)`, in the order of each record's events.

    What it writes to the database and the note that it has heard are one transaction, so that counts once; for the
    outside world it enqueues a job or a mail. While an event of a record fails, later ones of that record wait.
    """

    def register(function):
        _handlers[key] = Handler(key, label, function, frozenset(names), safe_again, tries)
        _heard.update(names)
        return function

    return register


def listeners():
    """Return every handler by its key: those of apps that are installed."""
    return dict(sorted(_handlers.items()))


def is_heard(name):
    """Whether anybody listens to this event."""
    return name in _heard


def check_declared():
    """Raise Undeclared where a handler waits for an event that cannot come, or an event is of no model."""
    for one in _handlers.values():
        for name in one.names:
            kind_of(name)
    for kind in _kinds.values():
        try:
            apps.get_model(kind.kind)
        except LookupError:
            raise Undeclared(f"{kind.name}: there is no model {kind.kind}") from None
