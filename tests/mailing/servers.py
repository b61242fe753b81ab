"""Mail servers of another make in processes of their own: the sink of the product, and one in a bad mood."""

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from crm.mailing.sink import names as sink_names

ROOT = Path(__file__).parents[2]


@dataclass
class Server:
    """A mail server on this machine and the folder it keeps mails in."""

    port: int
    folder: Path

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def mails(self):
        """Return every mail it got, parsed, the oldest first."""
        kept = [self.folder / f"{name}.eml" for name in reversed(sink_names(self.folder))]
        return [BytesParser(policy=policy.default).parsebytes(path.read_bytes()) for path in kept]


@contextmanager
def mail_server(folder, module="crm.launcher.mail_sink", *arguments):
    """Run a mail server until the end of the block."""
    command = [sys.executable, "-m", module, "--port", "0", "--directory", str(folder), *arguments]
    with (folder.parent / f"{folder.name}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=log, stderr=log)
    try:
        yield Server(int(said(process, log.name, r"listens on 127\.0\.0\.1:(\d+)")[1]), folder)
    finally:
        process.kill()
        process.wait()


def said(process, log, words):
    """Return the match of the first words of this form in the log of a process; wait for them."""
    deadline = time.monotonic() + 120
    while not (found := re.search(words, Path(log).read_text())):
        assert process.poll() is None and time.monotonic() < deadline, Path(log).read_text()[-1000:]
        time.sleep(0.05)
    return found


def goes_to(settings, server):
    """Let mails of this test go to a server by SMTP, as EMAIL_URL would."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 10


@pytest.fixture(scope="session")
def running_sink(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sink") / "mail"
    with mail_server(folder) as server:
        yield server


@pytest.fixture
def sink(running_sink, settings):
    """The product's own sink, running and empty, and the mails of this test going there."""
    for path in running_sink.folder.glob("*.eml"):
        path.unlink()
    goes_to(settings, running_sink)
    settings.MAIL_SINK = running_sink.folder
    return running_sink
