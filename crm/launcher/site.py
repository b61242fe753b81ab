"""`make run`: the servers, the site, its worker and its clock, until Ctrl-C."""

import hashlib
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing

from crm.embedded.servers import addresses, missing_servers
from crm.embedded.stopping import pause
from crm.launcher.claims import claimed
from crm.launcher.databases import require_usable
from crm.launcher.prepared import is_prepared, note_prepared
from crm.launcher.services import MARK, Service, Supervisor, end_leftovers, limit_logs
from crm.launcher.steps import call
from crm.launcher.terminal import LauncherError, end_of, say, show, var_dir

SIGN_INS = "admin manager rep newrep teammate otherteam marketer agent auditor"
_FIRST_ANSWER_SECONDS = 120


def run():
    """Run the demo site until somebody stops it."""
    directory = var_dir()
    with claimed(directory):
        if end_leftovers(directory):
            say("Ended what an earlier, killed run had left behind")
        _require_free_port()
        supervisor = Supervisor(directory / "log")
        try:
            _start_everything(supervisor, directory)
            supervisor.watch()
        finally:
            say("Stopping")
            supervisor.stop()
            say("Everything has stopped; the data are kept")


def _start_everything(supervisor, directory):
    for server in missing_servers(directory):
        say(f"Starting {server.name}")
        supervisor.start(server)
    limit_logs(supervisor.log_dir)
    environment = _environment(directory)
    sink = _sink(directory, environment)
    _prepare(directory, environment)
    services = _services(directory, environment)
    if sink:
        supervisor.start(sink)
    supervisor.start(services["web"])
    _await_answer(services["web"])
    _greet(directory)
    supervisor.start(services["worker"])
    supervisor.start(services["beat"])
    supervisor.start(services["mail"])


def _prepare(directory, environment):
    url = environment["DATABASE_URL"]
    require_usable(url)
    if not is_prepared(directory, url):
        say("Bringing the database up to date")
        call([sys.executable, "-m", "crm.launcher.prepare"], environment=environment)
        note_prepared(directory, url)


def host():
    return os.environ.get("HOST") or "127.0.0.1"


def port():
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise LauncherError(f"PORT must be a number from 1 to 65535, not {given!r}.")
    return int(given)


def _mail_at():
    """Return where mail is received: on this machine alone, at a port of its own for each site."""
    return os.environ.get("RECEIVE_MAIL_AT") or f"127.0.0.1:{2500 + port() % 1000}"


def _site_url():
    name = host() if host() not in {"127.0.0.1", "0.0.0.0", "::"} else "localhost"
    return f"http://{name}:{port()}"


def _environment(directory):
    return os.environ | addresses(directory) | {
        "CORNERSTONE_DEMO": "1",
        "VAR_DIR": str(directory),
        "BASE_URL": os.environ.get("BASE_URL") or _site_url(),
        "RECEIVE_MAIL_AT": _mail_at(),
        "PYTHONUNBUFFERED": "1",
        MARK: str(directory),
    }  # fmt: skip


def web_command(host, port, *, workers):
    """Return the command that serves the site."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(workers), "--respawn-failed-workers", "--no-ws"),
        *("--blocking-threads", os.environ.get("WEB_THREADS") or "4", "--blocking-threads-idle-timeout", "600"),
        *("--workers-kill-timeout", "5", "crm.wsgi:application"),
    ]


def _services(directory, environment):
    node = hashlib.sha256(str(directory).encode()).hexdigest()[:8]
    celery = [sys.executable, "-m", "celery", "-A", "crm.celery"]
    commands = {
        "web": web_command(host(), port(), workers=os.environ.get("WEB_WORKERS") or 2),
        "worker": [
            *(*celery, "worker", "--concurrency", os.environ.get("WORKERS") or "2"),
            *("--hostname", f"cornerstone-{node}@%h", "--without-gossip", "--without-mingle", "--loglevel", "info"),
        ],
        "mail": [sys.executable, "manage.py", "receive_mail"],
        "beat": [*celery, "beat", "--schedule", f"{directory}/beat-schedule", "--pidfile", "", "--loglevel", "info"],
    }
    return {
        name: Service(name, command, environment=environment, log=directory / "log" / f"{name}.log")
        for name, command in commands.items()
    }


def _sink(directory, environment):
    """Return the sink that takes all mail where EMAIL_URL names no other server, and tell the others where it is."""
    if environment.get("EMAIL_URL"):
        return None
    port = _free_port()
    environment |= {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "MAIL_SINK": f"{directory}/mail"}
    command = [sys.executable, "-m", "crm.launcher.mail_sink", "--port", str(port), "--directory", f"{directory}/mail"]
    return Service("mail sink", command, environment=environment, log=directory / "log" / "mail-sink.log")


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def _require_free_port():
    try:
        socket.create_server((host(), port())).close()
    except OSError as error:
        raise LauncherError(
            f"Port {port()} cannot be used ({error.strerror}). Choose another: PORT=8001 make run"
        ) from error


def _await_answer(web):
    deadline = time.monotonic() + _FIRST_ANSWER_SECONDS
    while time.monotonic() < deadline:
        if web.process.poll() is not None:
            raise LauncherError(f"The site did not start:\n{end_of(web.log)}")
        if _answers():
            return
        pause(0.1)
    raise LauncherError(f"The site does not answer; the end of {web.log}:\n{end_of(web.log)}")


def _answers():
    reached = "127.0.0.1" if host() in {"0.0.0.0", "::", "localhost"} else host()
    try:
        with closing(urllib.request.urlopen(f"http://{reached}:{port()}/healthz", timeout=5)):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _greet(directory):
    password = os.environ.get("DEMO_PASSWORD") or "cornerstone-demo"
    sign_ins = "\n".join(f"    {name}@demo.example" for name in SIGN_INS.split())
    show(
        f"\n  Cornerstone is at {_site_url()}/\n\n  Sign in at {_site_url()}/accounts/login/ as one of\n{sign_ins}\n"
        f"  with the password {password}\n\n  Mail is received at {_mail_at()}.\n"
        f"\n  Logs are in {directory}/log. Ctrl-C stops everything.\n"
    )
