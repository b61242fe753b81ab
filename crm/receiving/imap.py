"""One connection to an IMAP server that an administrator named: guarded, timed and bounded.

The server's name is resolved once; an address that is not public is refused unless MAIL_HOSTS_ALLOWED names it; the
connection goes to the very address that was looked at. A server is a stranger: what it announces is not believed.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, ip_address, ip_network
from threading import Timer

from django.conf import settings
from django.utils.translation import gettext as _

from crm.accounts.sealing import Unreadable, opened
from crm.mime import limits
from crm.receiving.rows import Mailbox

SECONDS = 10  # of each answer
MOST_ANSWER = limits.MOST_BYTES + 2 * 1024 * 1024  # bytes a server says to one question
NAT64 = ip_network("64:ff9b::/96")
HEAD_BYTES = 64 * 1024
WINDOW = 50_000  # UIDs looked through at once: the answer is one line
MOST_WINDOWS = 50


class Failure(Exception):
    """The mailbox cannot be fetched now; the text is for the administrator."""


def addresses_of(host, port):
    """Return the address to connect to. Raises Failure for one that is not public and not allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Failure(_("There is no server of this name.")) from None
    for _family, _type, _protocol, _name, where in found:
        if _is_allowed(host, where[0]):
            return where[0]
    raise Failure(_("This server is in a network that is not public. MAIL_HOSTS_ALLOWED can allow it."))


def _is_allowed(host, address):
    parsed = ip_address(address.partition("%")[0])
    if all(one.is_global and not one.is_multicast for one in _meant(parsed)) or host in settings.MAIL_HOSTS_ALLOWED:
        return True
    return any(_within(parsed, allowed) for allowed in settings.MAIL_HOSTS_ALLOWED)


def _meant(address):
    """Return an address with the IPv4 addresses that it leads to by a gateway."""
    if address.version == 4:
        return [address]
    inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    inside += [IPv4Address(int(address) & 0xFFFFFFFF)] if address in NAT64 else []
    return [address, *filter(None, inside)]


def _within(address, allowed):
    try:
        return address in ip_network(allowed, strict=False)
    except ValueError:
        return False


class _Deadline:
    """Ends a connection after so many seconds, whatever is under way on it."""

    def __init__(self, made, seconds):
        self.twin = made.dup()
        self.timer = Timer(seconds, self._end)
        self.timer.daemon = True
        self.timer.start()

    def _end(self):
        with suppress(OSError):
            self.twin.shutdown(socket.SHUT_RDWR)

    def cancel(self):
        self.timer.cancel()
        self.twin.close()


class Plain(imaplib.IMAP4):
    """A connection to one address, of a limited time, that takes in a limited number of bytes."""

    left = MOST_ANSWER
    """Bytes that the server may still say before we ask it something again."""

    def __init__(self, host, port, address, seconds):
        self.address, self.seconds = address, seconds
        super().__init__(host, port, timeout=SECONDS)

    def _create_socket(self, timeout=None):
        made = socket.create_connection((self.address, self.port), timeout)
        self.deadline = _Deadline(made, self.seconds)
        try:
            return self.wrapped(made)
        except BaseException:
            self.deadline.cancel()
            made.close()
            raise

    def wrapped(self, made):
        return made

    def read(self, size):
        self._count(size)
        return super().read(size)

    def readline(self):
        line = super().readline()
        self._count(len(line))
        return line

    def _count(self, size):
        self.left -= size
        if self.left < 0:
            raise self.abort("more than it was asked for")

    def shutdown(self):
        self.deadline.cancel()
        super().shutdown()


class Secure(Plain):
    """The same, by TLS from the first byte on."""

    def wrapped(self, made):
        return ssl.create_default_context().wrap_socket(made, server_hostname=self.host)


@contextmanager
def connected(mailbox, *, seconds):
    """Give a Folder of a mailbox, signed in, for at most so many seconds. Raises Failure."""
    connection, password = None, ""
    try:
        connection = _connection(mailbox, seconds)
        password = opened(mailbox.password_sealed)
        _sign_in(connection, mailbox.username, password)
        yield Folder(connection, mailbox)
    except Unreadable:
        raise Failure(_("The kept password cannot be read any more. Type it again.")) from None
    except ssl.SSLError as error:
        raise Failure(
            _("No safe connection: %(why)s") % {"why": getattr(error, "verify_message", "") or error.reason}
        ) from None
    except TimeoutError:
        raise Failure(_("The server does not answer.")) from None
    except OSError as error:
        raise Failure(_("No connection: %(why)s") % {"why": error.strerror or type(error).__name__}) from None
    except (imaplib.IMAP4.error, ValueError) as error:
        raise Failure(_("The server refuses: %(why)s") % {"why": _words(error, without=password)}) from None
    finally:
        if connection is not None:
            _leave(connection)


def _connection(mailbox, seconds):
    if mailbox.security == Mailbox.Security.NONE and mailbox.host not in settings.MAIL_HOSTS_ALLOWED:
        raise Failure(_("Without encryption only servers named in MAIL_HOSTS_ALLOWED are asked."))
    kind = Secure if mailbox.security == Mailbox.Security.TLS else Plain
    connection = kind(mailbox.host, mailbox.port, addresses_of(mailbox.host, mailbox.port), seconds)
    try:
        if mailbox.security == Mailbox.Security.STARTTLS:
            connection.starttls(ssl.create_default_context())
    except BaseException:
        _leave(connection)
        raise
    return connection


def _sign_in(connection, username, password):
    """Sign in by LOGIN, or, beyond ASCII, by AUTHENTICATE PLAIN, which is UTF-8."""
    if not (username + password).isprintable():
        raise ValueError(_("A user name or a password holds signs that cannot be sent."))
    if (username + password).isascii():
        connection.login(_string(username), password)
    else:
        connection.authenticate("PLAIN", lambda _asked: f"\0{username}\0{password}".encode())


def _leave(connection):
    try:
        connection.logout()
    except (OSError, imaplib.IMAP4.error, ValueError):
        connection.shutdown()


def _words(error, without):
    """Return what a server said, as a line to show: without the password, which some repeat."""
    said = error.args[0] if error.args else ""
    said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    said = said.replace(without, "…") if without else said
    return "".join(sign for sign in said if sign.isprintable())[:200]


class Folder:
    """One folder of a mailbox, open. Mails are named by their UIDs."""

    def __init__(self, connection, mailbox):
        self.connection, self.mailbox = connection, mailbox
        self._say("select", _quoted(mailbox.folder or "INBOX"), mailbox.after == Mailbox.After.LEAVE)
        self.can = set(self._say("capability")[-1].decode("ascii", "replace").upper().split())
        self.uid_validity = self._number("UIDVALIDITY")
        self.uid_next = self._number("UIDNEXT")

    def newer(self, uid, most):
        """Return the UIDs above this one, the oldest first, at most so many."""
        first = uid + 1
        for _window in range(MOST_WINDOWS):
            if self.uid_next and first >= self.uid_next:
                return []
            if uids := self._uids(f"{first}:{first + WINDOW - 1}", uid):
                return uids[:most]
            first += WINDOW
        return self._uids(f"{first}:*", uid)[:most]

    def _uids(self, span, above):
        found = self._say("uid", "SEARCH", None, f"UID {span}")
        uids = {int(word) for row in found if row for word in row.split() if word.isdigit()}
        return sorted(uid for uid in uids if uid > above)  # a span to the end names the last mail in any case

    def mail(self, uid):
        """Return (the raw mail or its beginning, its whole size), (None, 0) if it is gone."""
        size = _size(self._say("uid", "FETCH", str(uid), "(RFC822.SIZE)"))
        part = "BODY.PEEK[]" if size <= limits.MOST_BYTES else f"BODY.PEEK[]<0.{HEAD_BYTES}>"
        raw = next((row[1] for row in self._say("uid", "FETCH", str(uid), f"({part})") if isinstance(row, tuple)), None)
        return (None, 0) if raw is None else (raw, size if size > limits.MOST_BYTES else len(raw))

    def mark(self, first, last):
        """Do with the mails first..last what is to be done with those that were fetched."""
        span = f"{first}:{last}"
        if self.mailbox.after == Mailbox.After.SEEN:
            self._say("uid", "STORE", span, "+FLAGS.SILENT", r"(\Seen)")
        elif self.mailbox.after == Mailbox.After.MOVE:
            self._move(span)

    def _move(self, span):
        target = _quoted(self.mailbox.move_to)
        if "MOVE" in self.can:
            self._say("uid", "MOVE", span, target)
            return
        self._say("uid", "COPY", span, target)
        self._say("uid", "STORE", span, "+FLAGS.SILENT", r"(\Deleted \Seen)")
        if "UIDPLUS" in self.can:
            self._say("uid", "EXPUNGE", span)

    def _say(self, name, *arguments):
        self.connection.left = MOST_ANSWER
        status, found = getattr(self.connection, name)(*arguments)
        if status != "OK":
            raise imaplib.IMAP4.error(found[0] if found else status)
        return found

    def _number(self, name):
        _status, found = self.connection.response(name)
        return int(found[0]) if found and found[0] and found[0].isdigit() else 0


def _size(found):
    text = b" ".join(row[0] if isinstance(row, tuple) else row for row in found if row)
    match = re.search(rb"RFC822\.SIZE (\d{1,12})", text)
    return int(match[1]) if match else 0


def _quoted(name):
    """Return a folder's name as IMAP writes it (RFC 3501 5.1.3): modified UTF-7 in quotes."""
    return re.sub(r"[^ -~]+", _shifted, _string(name.replace("&", "&-")))


def _string(text):
    """Return a text in quotes, as IMAP writes strings."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shifted(match):
    return match[0].encode("utf-7").decode().replace("+", "&", 1).replace("/", ",")
