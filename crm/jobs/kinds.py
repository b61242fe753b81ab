"""The kinds of job there are. Each app's tasks.py declares its own with @job."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor


class UnknownKind(LookupError):
    """No app has declared a job of this kind."""


@dataclass(frozen=True)
class Kind:
    name: str
    handler: Callable
    tries: int
    seconds: int  # soft time limit of one try
    lease: int  # seconds until another worker may take a job whose worker has gone silent
    atomic: bool
    label: str  # what people read
    every: timedelta | None = None
    kept_days: int = 0  # 0: as long as any
    told: bool = False


_kinds: dict[str, Kind] = {}


def job(name, *, tries=5, seconds=300, lease=None, atomic=True, label="", every=None, kept_days=0, told=False):
    """Declare the function as what does jobs of the kind `name`. It is called as `handler(run, **arguments)`.

    What it returns (JSON) is kept as the result. `atomic`: the handler and the note that the job is done are one
    transaction, so that a killed worker leaves no half; a job that reports progress or talks to the outside
    world says atomic=False and works in `run.step()`s. A job longer than `lease` seconds has to report
    progress at least that often. `label`: what people call it. `every`: also run once each such period, see `periodic`.
    `told`: whoever asked for it hears when it is over, see `when_over`. `kept_days`: how long its row stays when it is
    done, for those that come many times a minute.
    """

    def declare(handler):
        leased = lease or seconds + 30
        _kinds[name] = Kind(name, handler, tries, seconds, leased, atomic, label or name, every, kept_days, told)
        return handler

    return declare


def periodic(name, *, every, **options):
    """Declare a job that runs once in each period of the length `every`, counted from 1970 in UTC; no arguments."""
    return job(name, every=every, **options)


def kind_of(name):
    """Return the kind of this name. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"no app's tasks.py declares a job {name!r}") from None


def seconds_of(kind):
    """Return how long one try of a kind of job may take; of a kind no app declares any more, a minute."""
    try:
        return kind_of(kind).seconds
    except UnknownKind:
        return 60


def label_of(name):
    """Return what people call this kind of job; a kind no app declares any more keeps its name."""
    return _kinds[name].label if name in _kinds else name


def periodic_kinds():
    return [kind for kind in _kinds.values() if kind.every]


def short_lived():
    """Return the kinds whose finished rows go early."""
    return [kind for kind in _kinds.values() if kind.kept_days]


def period_start(every, now):
    """Return the start of the period that `now` lies in."""
    seconds = every.total_seconds()
    return datetime.fromtimestamp(floor(now.timestamp() / seconds) * seconds, tz=UTC)
