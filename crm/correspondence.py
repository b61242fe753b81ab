"""Mail from a user to somebody about a record: what they answer comes back to the user and stands with the record."""

from __future__ import annotations

from django.db import transaction

from crm import mailing, receiving


@transaction.atomic
def write(*, to, about, by, **words):
    """Send a mail to an address about a record, for `by`, who has opened it; return its row in the outbox.

    `words`: as `mailing.send` takes them. The answer, by its signed address or its references, joins the thread of the
    two. Raises what `mailing.send` raises.
    """
    thread = receiving.thread_about(about, owner=by)
    mail = mailing.send(to=to, about=about, by=by, reply_to=receiving.reply_address(thread), **words)
    receiving.note_sent(mail.message_id, thread)
    return mail
