"""Which thread a mail belongs to: by the Message-IDs it refers to, or by the signed address it was sent to.

A subject alone joins nothing. Nothing is followed from mail to mail, so references in a circle are no danger.
"""

from __future__ import annotations

from crm.receiving.rows import MailThread, ThreadMessage


def joined(mail, references, thread=None):
    """Return the thread of a mail, and note its Message-ID and those it refers to as belonging there.

    `thread`: that of the signed address it came to, which counts more. Of several threads referred to, the one named
    last. A mail that says it has the Message-ID of another does not take its place.
    """
    named = [*references, *([mail.message_id] if mail.message_id and not mail.repeats_id else [])]
    known = dict(ThreadMessage.objects.filter(message_id__in=named).values_list("message_id", "thread"))
    last = next((known[name] for name in reversed(named) if name in known), None)
    if thread is None:
        thread = MailThread.objects.get(pk=last) if last else MailThread.objects.create()
    new = (ThreadMessage(message_id=name, thread=thread) for name in sorted(set(named) - set(known)))
    ThreadMessage.objects.bulk_create(new, ignore_conflicts=True)
    return thread


def note_sent(message_id, thread=None):
    """Note the Message-ID of a mail of ours, so that answers join its thread and its return is told; return the thread.

    To be called in the transaction that decides to send it. `message_id`: with or without brackets.
    """
    message_id = message_id.strip("<> ")
    thread = thread or MailThread.objects.create()
    ThreadMessage.objects.update_or_create(message_id=message_id, defaults={"thread": thread, "is_ours": True})
    return thread
