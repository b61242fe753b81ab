"""Mail out: an outbox in the database, handed to a mail server at most once; what nobody knows is in doubt.

In a service: `mailing.send(to=..., subject=..., text=..., key=..., by=user, about=record)`. What comes back is reported
by `mailing.bounced(...)` and `mailing.reported(...)`; who gets no more mail is said by `mailing.suppress(...)`.
"""

from crm.mailing.addressing import BadAddress, BadHeader
from crm.mailing.outcomes import bounced, bounced_for_good, release, reported, suppress
from crm.mailing.rows import MailTemplate, OutgoingMail, Purpose, Suppression
from crm.mailing.sending import TooLarge, composer, leave, send, send_again

__all__ = [
    "BadAddress",
    "BadHeader",
    "MailTemplate",
    "OutgoingMail",
    "Purpose",
    "Suppression",
    "TooLarge",
    "bounced",
    "bounced_for_good",
    "composer",
    "leave",
    "release",
    "reported",
    "send",
    "send_again",
    "suppress",
]
