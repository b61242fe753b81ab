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

from tests.crm.workers import database_url, kill

USER, PASSWORD = "demouser", "demopass"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def environment(**more):
    return os.environ | {"DATABASE_URL": database_url(), "SECRET_KEY": "for-this-worker-alone", **more}


@contextmanager
def receiver(folder, **more):
    """Run `manage.py receive_mail`; gives (process, port)."""
    port = free_port()
    settings = environment(RECEIVE_MAIL_AT=f"127.0.0.1:{port}", **more)
    with (folder / "receiver.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "receive_mail"], env=settings, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _await(port, process)
        yield process, port
    finally:
        kill(process)


@contextmanager
def imap_server(port=None):
    """Run pymap with an empty mailbox; gives its port."""
    port = port or free_port()
    pymap = Path(sys.executable).with_name("pymap")
    command = [pymap, "--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "managesieve", "dict"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            _await(port, process)
            yield port
        finally:
            kill(process)


def _await(port, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, f"it ended: {process.stderr and process.stderr.read()[-500:]}"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("it does not answer")


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
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as connection:
        return connection.sendmail(sender, to, raw)
