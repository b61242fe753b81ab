"""Handing one mail over, and being exact about what came of it.

Taken: the server said that it has it. Deferred: it certainly has it not, and may take it later. Rejected: it certainly
has it not, and never will. Unreachable: nobody was there to hand anything to. Anything else leaves the mail in doubt.
"""

from __future__ import annotations

import re
import smtplib
from dataclasses import dataclass

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from requests.exceptions import ConnectionError as NoAnswer
from requests.exceptions import ConnectTimeout

from crm.mailing.addressing import BadAddress, envelope

TIMEOUT = 10  # seconds for each answer
_LATER = {429, 503}
_TOO_LARGE = 552
_NO_SUCH_ADDRESS = re.compile(r"^5\.1\.(1|2|6|10)\b")
_LONGEST_ANSWER = 1000  # characters


@dataclass(frozen=True)
class Taken:
    """What the server said, and what it calls the mail, if it says so."""

    answer: str
    provider_id: str = ""


class Deferred(Exception):
    """Not taken now."""


class Rejected(Exception):
    """Never taken. `no_such_address`: because nobody has this address."""

    def __init__(self, answer, *, no_such_address=False):
        super().__init__(answer)
        self.no_such_address = no_such_address


class Unreachable(Exception):
    """The provider does not answer or does not let us in: the mail has nothing to do with it."""


class InDoubt(Exception):
    """The mail was on its way when the answer was lost."""


def carrier(connection):
    """Return what hands mails over by a mail backend of Django's; SMTP is driven step by step."""
    return (SmtpCarrier if isinstance(connection, SmtpBackend) else BackendCarrier)(connection)


class SmtpCarrier:
    """One SMTP connection for many mails. Every failure before the mail's last dot is known to be none after it."""

    def __init__(self, backend):
        self.backend = backend
        backend.fail_silently = False

    def open(self):
        """Connect and sign in, unless that is done. Raises Unreachable."""
        if self.backend.connection is not None:
            return
        try:
            self.backend.open()
            self.backend.connection.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Unreachable(_said(error)) from error

    def hand_over(self, message):
        """Hand over a mail of one recipient. Returns Taken; raises Deferred, Rejected, Unreachable or InDoubt."""
        sender, to, content = _written(message)
        self.open()
        try:
            self._announce(sender, to, len(content))
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Unreachable(_said(error)) from error
        return Taken(self._content(content))

    def _announce(self, sender, to, size):
        server = self.backend.connection
        options = [f"SIZE={size}"] if server.has_extn("size") else []
        options += ["BODY=8BITMIME"] if server.has_extn("8bitmime") else []
        self._expect((250,), server.mail(sender, options), of_ours=True)
        self._expect((250, 251), server.rcpt(to))
        self._expect((354,), server.docmd("DATA"))

    def _content(self, content):
        """Send the mail itself. What goes wrong from here on leaves it in doubt, unless the server says a plain no."""
        server = self.backend.connection
        try:
            server.send(content)
            code, answer = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise InDoubt(_said(error)) from error
        if not 200 <= code < 600 or 300 <= code < 400:
            self.close()
            raise InDoubt(_reply(code, answer))
        self._expect(range(200, 300), (code, answer))
        return _reply(code, answer)

    def _expect(self, wanted, reply, *, of_ours=False):
        """Raise Deferred or Rejected unless the server answered as wanted; the connection stays of use.

        `of_ours`: the answer is about us, not the recipient: a no then says nothing about this mail, but for its size.
        """
        code, answer = reply
        if code in wanted:
            return
        said = _reply(code, answer)
        if code == 421 or code < 200:  # it is about to close the connection, or speaks no SMTP
            self.close()
            raise Unreachable(said)
        self._start_over()
        if of_ours and code >= 500 and code != _TOO_LARGE:
            raise Unreachable(said)
        if 500 <= code < 600:
            text = said.partition(" ")[2]
            raise Rejected(said, no_such_address=bool(_NO_SUCH_ADDRESS.match(text)))
        raise Deferred(said)

    def _start_over(self):
        try:
            self.backend.connection.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def close(self):
        """End the connection; whatever state it is in."""
        connection, self.backend.connection = self.backend.connection, None
        if connection is None:
            return
        try:
            connection.sock and connection.sock.settimeout(2)
            connection.quit()
        except (OSError, smtplib.SMTPException):
            connection.close()


class BackendCarrier:
    """Any other mail backend of Django's: an HTTP provider by anymail, files, the tests' memory."""

    def __init__(self, backend):
        self.backend = backend
        backend.fail_silently = False

    def open(self):
        """Nothing to do: each mail is a request of its own."""

    def hand_over(self, message):
        """Hand over a mail of one recipient. Returns Taken; raises Deferred, Rejected, Unreachable or InDoubt."""
        try:
            self.backend.send_messages([message])
        except AnymailRecipientsRefused as error:
            raise Rejected(_said(error)) from error
        except AnymailAPIError as error:
            raise _of_api(error) from error
        except AnymailError as error:  # what the provider cannot express; nothing was sent
            raise Rejected(_said(error)) from error
        except Exception as error:
            raise InDoubt(_said(error)) from error
        status = getattr(message, "anymail_status", None)
        return Taken(_statuses(status), _id_of(status))

    def close(self):
        self.backend.close()


def _of_api(error):
    """Return what an HTTP provider's failure means. A server fault after the request says nothing for sure."""
    code = getattr(error, "status_code", None)
    if code is None:
        cause = error.__cause__
        if isinstance(cause, ConnectTimeout) or (isinstance(cause, NoAnswer) and "NewConnectionError" in repr(cause)):
            return Unreachable(_said(cause))
        return InDoubt(_said(error))
    if code in (401, 403):
        return Unreachable(_said(error))
    if code in _LATER:
        return Deferred(_said(error))
    return Rejected(_said(error)) if 400 <= code < 500 and code != 408 else InDoubt(_said(error))


def _id_of(status):
    """Return what the provider calls the mail; one that gives several ids gives none that is sure."""
    found = getattr(status, "message_id", "") or ""
    return found[:200] if isinstance(found, str) else ""


def _statuses(status):
    return ", ".join(sorted(filter(None, getattr(status, "status", None) or ())))


def _written(message):
    """Return sender, recipient and content as SMTP takes them. Raises Rejected for what no mail can be made of."""
    try:
        content = _lines(message.message().as_bytes(linesep="\r\n"))
        return envelope(message.from_email), envelope(message.to[0]), content
    except BadAddress as fault:
        raise Rejected(" ".join(fault.messages)) from fault
    except (ValueError, LookupError) as fault:
        raise Rejected(_said(fault)) from fault


def _lines(content):
    """Return the bytes as SMTP sends them: CRLF line ends, dots at the beginning of a line doubled, the last dot."""
    content = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    content = re.sub(rb"(?m)^\.", b"..", content)
    return content + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _reply(code, answer):
    return f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"[:_LONGEST_ANSWER]


def _said(error):
    """Return what a failure says, short and without NUL."""
    return f"{type(error).__name__}: {error}".replace("\0", "")[:_LONGEST_ANSWER]
