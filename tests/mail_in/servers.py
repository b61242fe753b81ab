"""The outside world as programs of their own: our receiver, and an IMAP server of other make (pymap)."""

import imaplib
import os
import smtplib
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from tests.crm.workers import database_url, kill
from tests.mailing.servers import said
from tests.platform.sites import free_port

USER, PASSWORD = "demouser", "demopass"


def environment(**more):
    return os.environ | {"DATABASE_URL": database_url(), "SECRET_KEY": "for-this-worker-alone", **more}


@contextmanager
def receiver(folder, **more):
    """Run `manage.py receive_mail`; gives (process, port)."""
    settings = environment(RECEIVE_MAIL_AT="127.0.0.1:0", **more)
    with NamedTemporaryFile(dir=folder, prefix="receiver-", suffix=".log", delete=False) as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "receive_mail"], env=settings, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process, int(said(process, log.name, r"Receiving mail at port (\d+)")[1])
    finally:
        kill(process)


@contextmanager
def imap_server(*options):
    """Run pymap, without `options` with an empty mailbox; gives its port."""
    process, port = next(started for _try in range(5) if (started := _started_imap(options)))
    try:
        yield port
    finally:
        kill(process)


def _started_imap(options):
    """Return (process, port), None if somebody else took the port meanwhile."""
    port, pymap = free_port(), Path(sys.executable).with_name("pymap")
    command = [pymap, "--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "managesieve", "dict"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*command, *options], **quiet, start_new_session=True)
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return process, port
    kill(process)
    return None


@contextmanager
def at_imap(port, folder="INBOX"):
    """Give a signed-in connection of the standard library's to the IMAP server."""
    connection = imaplib.IMAP4("127.0.0.1", port, timeout=20)
    connection.login(USER, PASSWORD)
    connection.select(folder)
    try:
        yield connection
    finally:
        connection.logout()


def put(port, *mails, folder="INBOX"):
    """Put raw mails into a folder of the IMAP server."""
    with at_imap(port) as connection:
        for raw in mails:
            status, said = connection.append(folder, None, None, raw)
            assert status == "OK", said


def sent(port, raw, to, sender="ngozi@mail.example"):
    """Send a raw mail by SMTP; return the recipients that were refused."""
    with smtplib.SMTP("127.0.0.1", port, timeout=120) as connection:
        return connection.sendmail(sender, to, raw)
