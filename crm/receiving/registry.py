"""What is done with a mail once it is read: functions that apps register, asked in their order until one takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

BOUNCE = "bounce"


@dataclass(frozen=True)
class Handler:
    name: str
    order: int
    takes: Callable


_handlers: list[Handler] = []
_bounced: dict[str, Callable] = {}


def handler(name, order=100):
    """Register a function (mail, delivery) -> whether it took the mail. It runs in one transaction with the mark of it.

    `delivery.reader` is the user on whose behalf it acts, or None. Asked again (a mail released, a person made since),
    it does nothing twice. What it raises is tried again a few times, then the mail is set aside.
    """

    def register(takes):
        _handlers[:] = [one for one in _handlers if one.name != name] + [Handler(name, order, takes)]
        _handlers.sort(key=lambda one: one.order)
        return takes

    return register


def bounce_handler(name):
    """Register a function (message_id, *, hard, reason) -> whether that mail was one of its own.

    A bounce is a word of strangers: the function believes it only for a Message-ID it knows, without brackets.
    """

    def register(tell):
        _bounced[name] = tell
        return tell

    return register


def taker(mail, delivery):
    """Ask the handlers in turn; return the name of the one that took the mail, "" if none did."""
    if mail.bounce:
        told = [tell(mail.bounce["message_id"], hard=mail.bounce["hard"], reason=mail.bounce["reason"])
                for tell in _bounced.values()]  # fmt: skip
        return BOUNCE if any(told) else ""
    return next((one.name for one in _handlers if one.takes(mail, delivery)), "")
