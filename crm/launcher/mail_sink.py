"""The development sink: a mail server on this machine that keeps what it gets in files and sends nothing on.

`python -m crm.launcher.mail_sink --port 8025 --directory var/mail`. Each mail is a file, complete on the disk before
the sink says that it has it; the file's name tells when it came and, as a digest, its Message-ID (crm/mailing/sink.py
reads them).
"""

import argparse
import asyncio
import os
import secrets
import signal
import time
from email.parser import BytesHeaderParser
from hashlib import sha256
from pathlib import Path

from aiosmtpd.smtp import SMTP

LARGEST = 30 * 1024 * 1024  # bytes of a mail
MOST = 500  # mails kept


class Keeper:
    """aiosmtpd's handler: writes each mail into `directory`, and drops the oldest beyond `most`."""

    def __init__(self, directory, most=MOST):
        self.directory, self.most = Path(directory), most
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def handle_DATA(self, server, session, envelope):
        """Keep a mail; what is said comes after it is on the disk."""
        self.keep(envelope.original_content or envelope.content, envelope.mail_from, envelope.rcpt_tos)
        self.drop_oldest()
        return "250 2.0.0 Kept"

    def keep(self, content, sender, recipients):
        """Write a mail with its envelope, whole or not at all; return its path."""
        message_id = str(BytesHeaderParser().parsebytes(content[:65536])["Message-ID"] or "").strip()
        known = sha256(message_id.encode(errors="replace")).hexdigest()[:16]
        name = f"{time.time_ns():020}-{known}-{secrets.token_hex(4)}"
        envelope = f"X-Envelope-From: {_line(sender)}\r\nX-Envelope-To: {_line(', '.join(recipients))}\r\n"
        draft, path = self.directory / f".{name}", self.directory / f"{name}.eml"
        with draft.open("wb") as file:
            file.write(envelope.encode(errors="replace") + content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        return path

    def drop_oldest(self):
        """Delete the oldest mails beyond `most`, and what an earlier kill left half written."""
        kept = sorted(self.directory.glob("*.eml"))
        for path in kept[: max(0, len(kept) - self.most)]:
            path.unlink(missing_ok=True)


def _line(text):
    return " ".join(str(text).split())[:900]


def server(keeper, *, largest=LARGEST):
    """Return what makes aiosmtpd's protocol for each connection."""
    return lambda: SMTP(keeper, hostname="localhost", data_size_limit=largest, enable_SMTPUTF8=True, timeout=60)


async def serve(keeper, port, make=server):
    """Take mail on 127.0.0.1 until somebody says stop; port 0 is any that is free. Says which it is."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    listening = await loop.create_server(make(keeper), "127.0.0.1", port)
    print(f"The mail sink listens on 127.0.0.1:{listening.sockets[0].getsockname()[1]}", flush=True)
    await over.wait()
    listening.close()


def main():
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=8025)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--most", type=int, default=MOST)
    given = parser.parse_args()
    asyncio.run(serve(Keeper(given.directory, given.most), given.port))


if __name__ == "__main__":
    main()
