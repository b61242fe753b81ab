"""Starting the provider beside a test, in a process of its own."""

import json
import os
import socket
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from crm.embedded import processes

ROOT = Path(__file__).resolve().parents[2]
FIRST_ANSWER_SECONDS = 60
PASSWORD = "at-the-provider"
PEOPLE = {  # name there: what it says of them
    "ingrid": {"email": "rep@firm.example", "verified": True, "amr": ["pwd"]},
    "unverified": {"email": "rep@firm.example", "verified": False, "amr": ["pwd"]},
    "strong": {"email": "rep@firm.example", "verified": True, "amr": ["pwd", "otp"]},
    "stranger": {"email": "stranger@elsewhere.example", "verified": True, "amr": ["pwd"]},
    "closed": {"email": "closed@firm.example", "verified": True, "amr": ["pwd"]},
    "demo": {"email": "teammate@demo.example", "verified": True, "amr": ["pwd"]},
}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def provider(directory, redirect_uri):
    """Keep a provider running inside the block; give what our settings say of it (`settings.OIDC`)."""
    client = {
        "name": "Firm ID",
        "issuer": f"http://localhost:{free_port()}/o",
        "client_id": "cornerstone",
        "secret": "a secret of both",
        "hosts": [],
        "trusts_mfa": False,
    }
    said = {
        "issuer": client["issuer"],
        "client_id": client["client_id"],
        "client_secret": client["secret"],
        "redirect_uri": redirect_uri,
        "password": PASSWORD,
        "people": PEOPLE,
    }
    (directory / "provider.json").write_text(json.dumps(said))
    (directory / "key.pem").write_bytes(_key())
    environment = {"PATH": os.environ["PATH"], "PROVIDER_DIR": str(directory), "PYTHONPATH": str(ROOT)}
    log = directory / "provider.log"
    process = processes.spawn([sys.executable, "-m", "tests.provider.serve"], log=log, env=environment, cwd=ROOT)
    try:
        _await_answer(f"{client['issuer']}/.well-known/openid-configuration", process, log)
        yield client
    finally:
        processes.stop(process, signals=[], patience=0)


def _key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())


def _await_answer(url, process, log):
    deadline = time.monotonic() + FIRST_ANSWER_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The provider does not answer:\n{log.read_text()[-3000:]}")
