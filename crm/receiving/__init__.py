"""Mail that comes in: `receiving.take(raw, came_by="smtp", envelope_to=[...])` stores it and asks for it to be read.

Apps register what is done with it: `@receiving.handler("log", order=100)` above `def log(mail, delivery)`, and
`@receiving.bounce_handler("mailing")` above `def bounced(message_id, *, hard, reason)`. Mail that goes out carries
`receiving.reply_address(thread)` in Reply-To and notes its Message-ID by `receiving.note_sent(message_id, thread)`.
"""

from crm.receiving.addresses import dropbox_address, reply_address, thread_about
from crm.receiving.readers import may_read
from crm.receiving.registry import bounce_handler, handler
from crm.receiving.taking import take
from crm.receiving.threads import note_sent

__all__ = [
    "bounce_handler",
    "dropbox_address",
    "handler",
    "may_read",
    "note_sent",
    "reply_address",
    "take",
    "thread_about",
]
