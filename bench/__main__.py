"""`python -m bench`: fill, measure, print. PEOPLE (100000), GROWTH=1; arguments: only cases whose name contains one."""

import json
import os
import subprocess
import sys
import time

from bench import aims, ground, report, served
from bench.measuring import Figures

FEW = 10_000
SERVED = ("admin", "manager", "rep", "newrep")  # over loopback; the others differ from these by their rights alone


def main(*only):
    people = int(os.environ.get("PEOPLE") or 100_000)
    started = time.monotonic()
    url = ground.database(people)
    found = figures(url, only) or sys.exit(f"No case is called {' or '.join(only)}")
    print(
        f"\n{people:,} people. Milliseconds, of 30 answers each: p50, p95, CPU of ours, waiting for the database (db);"
    )
    print("queries (q), kB of HTML. ! is above the aim; – is nothing this user sees.\n")
    show(report.table(found))
    subprocess.run([sys.executable, "-m", "bench.yardstick"], cwd=ground.ROOT, env=ground.environment(url), check=True)
    if os.environ.get("GROWTH"):
        print(f"\nHow many times longer than with {FEW:,} people\n")
        show(report.growth(figures(ground.database(FEW), only), found))
    if not only:
        print(f"\nServed by {served.WORKERS} web processes, over loopback\n")
        show(as_served(url))
    missed = sum(any(report.misses(one)) for one in found)
    print(f"\n{len(found) - missed} of {len(found)} pages within their aims; {time.monotonic() - started:.0f} s")


def show(lines):
    for line in lines:
        print(line.rstrip(), flush=True)


def figures(url, only):
    """Measure in a process of its own, as fresh as a web process."""
    command = [sys.executable, "-m", "bench.measuring", *only]
    environment = ground.environment(url)
    with subprocess.Popen(command, cwd=ground.ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        found = [Figures(**json.loads(line)) for line in process.stdout]
    if process.returncode:
        sys.exit(process.returncode)
    return found


def as_served(url):
    """Yield what browsers see of a site with the web processes of `make run`."""
    with served.site(url) as (port, process):
        cookies = {user: served.signed_in(port, user) for user in SERVED}
        for user, cookie in cookies.items():
            for path in served.PAGES:
                p50, p95 = served.milliseconds(port, cookie, path)
                yield f"{user + ' ' + path:34}{p50:8.1f} {p95:5.0f} ms"
        for user, cookie in cookies.items():
            speed = served.pages_per_second(port, cookie, "/people/")
            yield report.against(f"{user} /people/, 8 browsers", speed, "pages/s", least=aims.PAGES_PER_SECOND)
        yield report.against("web processes", served.megabytes(process), "MB", most=aims.WEB_MB)
        for path in ("/accounts/login/", *served.PAGES):
            requests, page, code = served.first_page(port, cookies["rep"] if path in served.PAGES else "", path)
            yield report.against(f"first visit, {path}", requests, "requests", most=aims.FIRST_PAGE_REQUESTS)
            yield report.against("", code, "kB JS+CSS", most=aims.FIRST_PAGE_KB) + f"; HTML {page:.1f} kB"


if __name__ == "__main__":
    main(*sys.argv[1:])
