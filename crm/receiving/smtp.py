"""The receiver: takes mail for the addresses we know by SMTP and says 250 only once it is committed. It relays nothing.

Like every aiosmtpd server, but for how a message's content is read: aiosmtpd makes an object of every line, which a
mail of empty lines turns into a gigabyte, and keeps a line without end in memory for as long as it lasts.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP, syntax
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from crm.mime import limits
from crm.receiving import taking
from crm.receiving.addresses import signed_destination

IDLE_SECONDS = 30  # between two commands
CONTENT_SECONDS = 300  # for the content of one mail
SESSION_SECONDS = 900
MOST_RECIPIENTS = taking.MOST_NAMED
MOST_DRAINED = 4 * limits.MOST_BYTES  # of what is too big anyway
END = b"\r\n.\r\n"
CALLS = {"*": 20, "MAIL": 100, "RCPT": 2 * MOST_RECIPIENTS, "DATA": 100}
BUSY = "451 Try again later"

logger = structlog.get_logger(__name__)


def is_known(address):
    """Whether we take mail for an address: a signed one of ours, a mailbox sent straight to us, or one named in
    RECEIVE_MAIL_FOR, itself or by its domain."""
    tidy = address.strip("<> ").lower()
    place = taking.destination(tidy)
    if place is not None:
        return not place.is_forged
    is_named = tidy in settings.RECEIVE_MAIL_FOR or tidy.rpartition("@")[2] in settings.RECEIVE_MAIL_FOR
    return is_named and signed_destination(tidy) is None


class Door:
    """How many connections there are, in all and from one address."""

    def __init__(self, most):
        self.most, self.most_of_one = most, max(1, most // 4)
        self.now: Counter[str] = Counter()

    def enter(self, peer):
        if self.now.total() >= self.most or self.now[peer] >= self.most_of_one:
            return False
        self.now[peer] += 1
        return True

    def leave(self, peer):
        self.now[peer] -= 1
        self.now += Counter()  # forget those at zero


class Receiver(SMTP):
    """One connection."""

    line_length_limit = 64 * 1024

    def __init__(self, door, *arguments, **options):
        super().__init__(*arguments, **options)
        self.door, self.peer, self.deadline = door, None, None

    def connection_made(self, transport):
        peer = (transport.get_extra_info("peername") or ("?",))[0]
        if not self.door.enter(peer):
            transport.write(b"421 Too many connections\r\n")
            transport.close()
            return
        self.peer = peer
        self.deadline = self.loop.call_later(SESSION_SECONDS, transport.close)
        super().connection_made(transport)

    def connection_lost(self, error):
        if self.peer is not None:
            self.door.leave(self.peer)
            self.deadline.cancel()
            super().connection_lost(error)

    def data_received(self, data):
        if self.peer is not None:
            super().data_received(data)

    def eof_received(self):
        """Close at once: half a connection would keep its place."""
        if self.peer is not None:
            super().eof_received()
        return False

    @syntax("DATA")
    async def smtp_DATA(self, arg):
        """Read a mail into one buffer, up to the limit; whatever follows its end before our answer is refused."""
        if await self.check_helo_needed():
            return
        if not self.envelope.rcpt_tos or arg:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._reset_timeout(CONTENT_SECONDS)
        content = await self._content()
        if content is None:
            self._set_post_data_state()
            await self.push("552 Error: Too much mail data")
            return
        self.envelope.content = self.envelope.original_content = content
        status = await self._call_handler_hook("DATA")
        self._set_post_data_state()
        await self.push(status)

    async def _content(self):
        """Return the content without its dots, None if it was too much."""
        found, drained, is_over = bytearray(b"\r\n"), 0, False
        while True:
            piece = await self._reader.read(64 * 1024)
            if not piece:
                raise asyncio.CancelledError
            looked = max(0, len(found) - len(END))
            found += piece
            at = found.find(END, looked)
            if at >= 0:
                break
            if is_over or len(found) > limits.MOST_BYTES + 2:
                is_over, drained = True, drained + len(found)
                del found[: -len(END)]
                if drained > MOST_DRAINED:
                    self.transport.close()
        if len(found) > at + len(END):  # a second mail smuggled in behind the first
            self.transport.close()
            raise asyncio.CancelledError
        return None if is_over else bytes(found[: at + 2]).replace(b"\r\n.", b"\r\n")[2:]


class Taker:
    """What is done at each step; the database is asked in a few threads of its own."""

    def __init__(self):
        self.threads = ThreadPoolExecutor(4, thread_name_prefix="mail")

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 Too many recipients"
        try:
            known = await self._asked(is_known, address)
        except (DatabaseError, ValueError):
            return BUSY
        if not known:
            return "550 No such address here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        take = partial(taking.take, came_by="smtp", envelope_from=envelope.mail_from or "")
        try:
            await self._asked(take, envelope.content, envelope_to=list(envelope.rcpt_tos))
        except Exception as error:  # whatever it is, the sender keeps the mail
            logger.exception("mail_not_taken", error=type(error).__name__)
            return BUSY
        return "250 OK"

    async def _asked(self, function, *arguments, **options):
        def ask():
            close_old_connections()
            try:
                return function(*arguments, **options)
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self.threads, ask)


async def serve(host, port, *, ready, over):
    """Take mail at host:port until `over` is set, then let those who are sending come to their end. `ready(port)`."""
    loop, taker, door = asyncio.get_running_loop(), Taker(), Door(settings.RECEIVE_MAIL_CONNECTIONS)
    options: dict[str, Any] = {"data_size_limit": limits.MOST_BYTES, "enable_SMTPUTF8": True, "timeout": IDLE_SECONDS}
    options |= {"hostname": settings.MAIL_DOMAIN, "ident": "Cornerstone", "command_call_limit": CALLS}
    server = await loop.create_server(lambda: Receiver(door, taker, loop=loop, **options), host, port)
    ready(server.sockets[0].getsockname()[1])
    await over.wait()
    server.close()
    for _second in range(10):
        if not door.now.total():
            break
        await asyncio.sleep(1)
