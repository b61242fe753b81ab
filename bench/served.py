"""The site as it is served: granian with two web processes, reached over loopback."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from threading import Thread
from urllib.parse import urlencode

from bench.ground import ROOT, environment

WORKERS, CONNECTIONS = 2, 8
WARM_UP, ROUNDS, SECONDS = 20, 60, 5
PAGES = ("/", "/people/", "/people/?sort=name", "/companies/")


@dataclass(frozen=True)
class Answer:
    """What came back: the body as it travelled, compressed or not."""

    status: int
    headers: dict
    body: bytes


class Browser:
    """One kept connection, signed in."""

    def __init__(self, port, cookie=""):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Host": f"localhost:{port}", "Cookie": cookie, "Accept": "text/html"}

    def get(self, path, **headers):
        self.connection.request("GET", path, headers=self.headers | headers)
        return self._answer()

    def post(self, path, form):
        typed = {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", path, urlencode(form), self.headers | typed)
        return self._answer()

    def _answer(self):
        with self.connection.getresponse() as answer:
            headers = {}
            for name, value in answer.getheaders():
                name = name.lower()
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
            return Answer(answer.status, headers, answer.read())


@contextmanager
def site(url):
    """Serve the site over a database inside the block; give (port, process)."""
    with tempfile.TemporaryFile() as log, closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
        free.close()
        process = subprocess.Popen(_command(port), cwd=ROOT, env=_environment(url, port), stdout=log, stderr=log)
        try:
            _await(port, process)
            yield port, process
        finally:
            process.terminate()
            process.wait(timeout=20)


def _command(port):
    from crm.launcher.site import web_command

    return web_command("127.0.0.1", port, workers=WORKERS)


def _environment(url, port):
    return environment(url) | {"BASE_URL": f"http://localhost:{port}"}


def _await(port, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return Browser(port).get("/healthz")
        except OSError:
            time.sleep(0.1)
    sys.exit("The site did not start")


def signed_in(port, user):
    """Sign in as one of the demo company; return the cookie."""
    form = {"login": f"{user}@demo.example", "password": os.environ.get("DEMO_PASSWORD") or "cornerstone-demo"}
    browser = Browser(port)
    token = re.search(r"csrftoken=(\w+)", browser.get("/accounts/login/").headers["set-cookie"])[1]
    browser.headers["Cookie"] = f"csrftoken={token}"
    answer = browser.post("/accounts/login/", form | {"csrfmiddlewaretoken": token})
    return re.search(r"sessionid=\w+", answer.headers.get("set-cookie", ""))[0]


# Times


def milliseconds(port, cookie, path):
    """Return p50 and p95 of what one browser waits for a page."""
    browser, taken = Browser(port, cookie), []
    for _turn in range(WARM_UP + ROUNDS):
        started = time.perf_counter()
        if browser.get(path).status != 200:
            sys.exit(f"{path} failed")
        taken.append((time.perf_counter() - started) * 1000)
    return median(taken[WARM_UP:]), quantiles(taken[WARM_UP:], n=20)[-1]


def pages_per_second(port, cookie, path):
    """Return how many pages a second eight browsers get that ask without a pause."""
    until = time.monotonic() + SECONDS
    counts = []

    def ask():
        browser, count = Browser(port, cookie), 0
        while time.monotonic() < until:
            count += browser.get(path).status == 200
        counts.append(count)

    threads = [Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


# Weight


def megabytes(process):
    """Return the memory of a process and all below it, shared pages counted in each."""
    return sum(_resident(pid) for pid in _family(process.pid)) / 1024


def _family(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in _family(int(child)))]


def _resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def first_page(port, cookie, path):
    """Return (requests, kB of HTML, kB of JS and CSS) of a page whose browser has nothing yet."""
    browser, packed = Browser(port, cookie), {"Accept-Encoding": "gzip, br"}
    page = browser.get(path, **packed)
    text = browser.get(path).body.decode()
    parts = {name: browser.get(name, **packed) for name in referred(text)}
    code = [len(part.body) for name, part in parts.items() if re.search(r"\.(js|css)$", name)]
    return 1 + len(parts), len(page.body) / 1000, sum(code) / 1000


def referred(html):
    """Return the addresses a browser fetches to show a page: styles, scripts, icons and pictures, each once."""
    tags = re.findall(r"<(?:link|script|img|use)\b[^>]*>", html)
    found = (re.search(r'\b(?:href|src)="([^"#]+)', tag) for tag in tags)
    return list(dict.fromkeys(match[1] for match in found if match))
