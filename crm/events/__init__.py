"""What happened, told to whoever wants to know: sister apps hear of each other without importing each other.

Every kind of record tells by itself when one is created, changed, assigned, trashed and restored: "sales.deal.created".
For more, in an app's events.py: `events.declare("sales.deal.won", _("Deal won"), facts=("amount_minor",))`.
In a service, in its transaction: `events.note("sales.deal.won", deal, by=user, amount_minor=120000)`.
In another app's listeners.py: `@events.handler("sales.deal.won", key="campaigns.thank", label=_("Thank for a deal"))`
above `def thank(event)`.
"""

from crm.events.delivering import install
from crm.events.kinds import EventKind, Undeclared, declare, declare_record, declared, handler, listeners
from crm.events.noting import note, note_many
from crm.events.rows import Event, Held, Listener
from crm.events.settling import NotSafeAgain, replay, replay_record, retry, set_aside

__all__ = [
    "Event",
    "EventKind",
    "Held",
    "Listener",
    "NotSafeAgain",
    "Undeclared",
    "declare",
    "declare_record",
    "declared",
    "handler",
    "install",
    "listeners",
    "note",
    "note_many",
    "replay",
    "replay_record",
    "retry",
    "set_aside",
]
