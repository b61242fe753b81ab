"""The steps that set a fresh site up, registered by the apps that know what there is to do.

Whether a step is done is computed from what is there, never ticked by hand; what a firm does without is set aside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One thing to do. `is_done(user)` asks the database; `app`: the step goes with this app where that is off."""

    key: str
    label: object
    text: object
    url_name: str
    icon: str
    order: int
    is_done: Callable
    app: str = ""


@dataclass(frozen=True)
class Place:
    """A step as one page shows it."""

    step: Step
    done: bool
    aside: bool

    @property
    def is_open(self):
        return not (self.done or self.aside)


_steps: dict[str, Step] = {}


def register(step):
    """Make a step known."""
    _steps[step.key] = step
    return step


def known():
    """Return the keys of all steps."""
    return set(_steps)


def steps(user, firm):
    """Return the steps of the apps that are on, in order, each with what became of it."""
    on = [step for step in _steps.values() if not step.app or step.app not in firm.apps_off]
    ordered = sorted(on, key=lambda step: step.order)
    return [Place(step, bool(step.is_done(user)), step.key in firm.steps_aside) for step in ordered]


def is_finished(user, firm):
    """Whether set-up needs nobody any more: ended by hand, or every step done or set aside."""
    return firm.setup_over or not any(place.is_open for place in steps(user, firm))
