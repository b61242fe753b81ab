"""`python -m bench.importing`: rows a second of an import through the whole gate, and of undoing it.

PEOPLE (5000): of how many the database is; arguments: how many rows a file has (5000). `--profile` says where the time
goes; `--pages` how much slower the site's pages are meanwhile. Needs DATABASE_URL, as `make bench`. What it adds it
undoes: it stays in the trash of that database.
"""

import cProfile
import csv
import io
import os
import pstats
import random
import sys
import time
from contextlib import contextmanager, nullcontext
from threading import Thread

from bench import ground, served

PEOPLE = 5_000
SIZES = (5_000,)
HEAD = (
    "First name", "Last name", "E-mail", "Phone", "Mobile", "Company", "Job title", "Street", "ZIP", "City", "Country",
)  # fmt: skip
MOST_LINES = 25


def main(*arguments):
    if "--pages" in arguments:
        beside_pages([one for one in arguments if one != "--pages"])
    else:
        ground.measure("bench.importing", arguments, people=PEOPLE)


def beside_pages(arguments):
    """Print what a rep waits for pages before and during an import, in ms."""
    with served.site(ground.database(int(os.environ.get("PEOPLE") or PEOPLE))) as (port, _process):
        cookie = served.signed_in(port, "rep")
        before = {path: served.milliseconds(port, cookie, path) for path in served.PAGES}
        importing = Thread(target=ground.measure, args=("bench.importing", arguments), kwargs={"people": PEOPLE})
        importing.start()
        while importing.is_alive():
            for path, (p50, p95) in before.items():
                now, later = served.milliseconds(port, cookie, path)
                print(f"{path:24}p50 {p50:6.1f} -> {now:6.1f} ms, {now / p50:.1f} times;", end="")
                print(f" p95 {p95:6.1f} -> {later:6.1f} ms, {later / p95:.1f} times", flush=True)
        importing.join()


def measure(*arguments):
    ground.set_up()
    from crm.jobs.workers import settle

    settle()
    for number in [int(one) for one in arguments if one.isdigit()] or SIZES:
        measure_file(number, profile="--profile" in arguments)


def measure_file(number, *, profile):
    from crm.importing import checking, files, running
    from crm.importing.kinds import of_slug
    from crm.importing.rows import Import
    from crm.models import User

    admin = User.objects.filter(role__key="administrator").order_by("pk").first()
    with timed("read", number):
        asked = files.bring(importable=of_slug("people"), name="bench.csv", pieces=[table(number)], by=admin)
    with timed("checked", number), profiled(profile):
        Import.objects.filter(pk=asked.pk).update(state="checking")
        checking.check(asked)
    asked.state = "checked"
    asked.save(update_fields=["state"])
    job = held_job(asked)
    with timed("written", number), profiled(profile):
        in_steps(asked, job)
    asked.refresh_from_db()
    print(asked.counts, flush=True)
    act = running.act_of(asked)
    with timed("undone", act.rows):
        undo_in_steps(act, admin)
    asked.delete()


def held_job(asked):
    """Return a job for an import that no worker takes."""
    from datetime import timedelta

    from crm.jobs.asking import enqueue

    asked.job = enqueue("crm.import_rows", by=asked.user, asked=asked.pk, after=timedelta(days=1))
    asked.state = "running"
    asked.save(update_fields=["job", "state"])
    return asked.job


def in_steps(asked, job):
    """Do what the job does: a transaction a step."""
    from django.db import transaction

    from crm.importing import checking, running
    from crm.importing.kinds import of_kind

    planner = of_kind(asked.kind).planner(asked, writes=True)
    while rows := checking.next_rows(asked, size=running.STEP_ROWS):
        with transaction.atomic():
            running.write_step(planner, rows, job)
    running.finish(asked, job)


def undo_in_steps(act, by):
    from bench.undo import undo_in_steps as steps

    steps(act, by)


def table(number):
    """Return a CSV of so many people at a fifth as many companies."""
    chance, text = random.Random(time.time_ns()), io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEAD)
    firms = [f"{word(chance)} {chance.choice(WORDS)}" for _firm in range(number // 5 + 1)]
    for _place in range(number):
        given, family, firm = word(chance), word(chance), chance.choice(firms)
        writer.writerow([
            given, family, f"{given}.{family}@{firm.replace(' ', '')}.example", f"+47 22{chance.randrange(10**6):06}",
            f"+47 41{chance.randrange(10**6):06}", firm, chance.choice(("Buyer", "Clerk", "Head of sales", "")),
            f"{word(chance)}gata {chance.randrange(1, 99)}", f"{chance.randrange(10_000):04}", chance.choice(WORDS),
            "NO",
        ])  # fmt: skip
    return text.getvalue().encode()


SYLLABLES = (
    "an", "ber", "da", "el", "fin", "gro", "hal", "in", "jor", "kle", "lund", "mo", "nor", "os", "per", "ral", "sen",
    "tor", "vik", "wes",
)  # fmt: skip
WORDS = [f"{one}{two}".capitalize() for one in SYLLABLES for two in SYLLABLES]


def word(chance):
    return "".join(chance.choices(SYLLABLES, k=chance.choice((2, 3)))).capitalize()


@contextmanager
def timed(what, number):
    started, cpu = time.monotonic(), time.process_time()
    yield
    seconds, own = time.monotonic() - started, time.process_time() - cpu
    rate = f"{number / seconds:>9,.0f} rows/s, {1000 * own / number:.2f} ms CPU a row beside the database's"
    print(f"{what:10}{number:>9,} rows {seconds:8.1f} s {rate}", flush=True)


@contextmanager
def profiled(wanted):
    if not wanted:
        with nullcontext():
            yield
        return
    profile = cProfile.Profile()
    profile.enable()
    try:
        yield
    finally:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(MOST_LINES)


if __name__ == "__main__":
    measure(*sys.argv[2:]) if sys.argv[1:2] == ["--measure"] else main(*sys.argv[1:])
