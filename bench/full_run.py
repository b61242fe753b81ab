"""How long the full run takes, from stored records to stored suggestions: `python -m bench.full_run`.

DATABASE_URL names the database; it is changed. WORKERS (2) take part. The first line is of a base without keys, counts
and suggestions, the others of one that has them.
"""

import os
import resource
import sys
from multiprocessing import get_context
from time import perf_counter

import django

ROUNDS = 2


def main():
    workers = int(os.environ.get("WORKERS", 2))
    context = get_context("spawn")
    calls, started = context.Queue(), context.Queue()
    helpers = [context.Process(target=help_out, args=(calls, started), daemon=True) for _ in range(workers - 1)]
    for helper in helpers:
        helper.start()
    for _helper in helpers:
        started.get()
    set_up()
    from contacts.models import Person
    from crm.duplicates import BuiltKeys, MatchCount, MatchKey, Suggestion, match_all

    def call(run, _parts):
        for _helper in helpers:
            calls.put(run)

    if "--anew" in sys.argv:
        for rows in (BuiltKeys, MatchKey, MatchCount, Suggestion):
            rows.objects.all().delete()
    for _round in range(ROUNDS):
        begin = perf_counter()
        found = match_all(Person, call=call)
        seconds = perf_counter() - begin
        left_out = sum(one.records for one in found.large)
        print(f"{seconds:6.1f} s, {found.suggestions:,} suggestions, {left_out:,} in blocks too large", flush=True)
    for _helper in helpers:
        calls.put(None)
    for helper in helpers:
        helper.join()
    peaks = [resource.getrusage(who).ru_maxrss / 2**20 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"{workers} workers, at most {max(peaks):.2f} GB each; {Person._meta.db_table}")


def set_up():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    from crm.jobs.workers import settle

    settle()


def help_out(calls, started):
    """Do parts of the runs that are called for, until None is."""
    set_up()
    from crm.duplicates import help_with

    started.put(True)
    while run := calls.get():
        help_with(run)


if __name__ == "__main__":
    main()
