"""The new text of a reply, without what it quotes."""

from __future__ import annotations

import signal
from contextlib import contextmanager

from mailparser_reply import EmailReplyParser

from crm.mime import limits

LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "sv", "da", "pl"]


class TooLong(Exception):
    """Looking for quoted text takes too long."""


def new_text(text):
    """Return what the sender wrote anew; the whole text where nothing else is left, or where it cannot be told."""
    beginning = text[: limits.QUOTED_SIGNS]
    try:
        with _limited(limits.QUOTE_SECONDS):
            replies = EmailReplyParser(languages=list(LANGUAGES)).read(beginning).replies
            found = replies[0].full_body if replies else ""
    except (TooLong, RecursionError, ValueError, IndexError):
        found = beginning
    nothing_left_out = _unquoted(found) == _unquoted(beginning)
    new = _unquoted(found) or _unquoted(beginning) or beginning.strip()
    return f"{new}{text[limits.QUOTED_SIGNS :]}" if nothing_left_out else new


def _unquoted(text):
    return "\n".join(row for row in text.split("\n") if not row.lstrip().startswith(">")).strip()


@contextmanager
def _limited(seconds):
    """Break off after so many seconds: the engine of regular expressions looks for signals, too."""

    def over(_signal, _frame):
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
