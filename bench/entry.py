"""`python -m bench.entry`: how soon somebody who types is told of likely duplicates.

Needs DATABASE_URL, as `make bench`; that very database is asked, unless PEOPLE says how many people one of the bench's
own shall have. Stored people are typed again, as they are, one after the other by each client: in the service, then
through the application (middleware, session, form, template). The clients are threads of as many processes as the site
has, which is what web requests are.
"""

import os
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from random import Random
from statistics import median, quantiles
from time import perf_counter, thread_time

from bench import ground, served

CLIENTS = (1, 4)
ASKED, WARM_UP = 400, 10  # questions in all; questions of each client that do not count
USERS = ("admin", "rep", "newrep")
AIM_SERVICE, AIM_HTTP = 10, 60  # ms, p95


def main():
    if "DATABASE_URL" not in os.environ or "PEOPLE" in os.environ:
        os.environ.update(ground.environment(ground.database(int(os.environ.get("PEOPLE") or 100_000))))
    application()
    typed = stored_people()
    print(f"{typed.pop()} people; milliseconds: p50, p95, most; p50 of our CPU")
    for name in USERS:
        for clients in CLIENTS:
            told(f"service, {name}, {clients} clients", timed(clients, typed, asking, name), AIM_SERVICE)
    for clients in CLIENTS:
        told(f"HTTP, rep, {clients} clients", timed(clients, typed, posting, "rep"), AIM_HTTP)


def application():
    """Return the site's application, which sets up Django as the web server does."""
    return import_module("crm.wsgi").application


def stored_people():
    """Return [{column: its texts}] of some people, and at the end the number of all."""
    from contacts.duplicates import read_people
    from contacts.models import Person
    from crm import duplicates

    ids = list(Person.objects.unscoped(because="a benchmark").live().order_by("pk").values_list("pk", flat=True))
    if not duplicates.MatchKey.objects.filter(kind=1).exists():
        print(f"{duplicates.match_all(Person).suggestions} suggestions; keys and counts are built")
    numbers, columns = read_people(sorted(Random(1).sample(ids, min(ASKED, len(ids)))))
    people = [
        {name: [slot[place] for slot in slots if slot[place]] for name, slots in columns.items()}
        for place in range(len(numbers))
    ]
    Random(2).shuffle(people)
    return [*people, len(ids)]


def _user(name):
    from crm.access import users_with_access

    return users_with_access().get(email=f"{name}@demo.example")


def asking(name):
    from contacts.models import Person
    from crm import duplicates

    user = _user(name)
    return lambda typed: duplicates.likely(Person, typed, user, most=3)


def posting(name):
    from django.conf import settings
    from django.test import Client

    from bench.calls import session_of

    client = Client(raise_request_exception=True)
    client.defaults["HTTP_HOST"] = "localhost"
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of(_user(name))

    def post(typed):
        first = {column: texts[0] if texts else "" for column, texts in typed.items()}
        sent = {name: first[name] for name in ("given_name", "family_name", "job_title")}
        sent |= {"emails-TOTAL_FORMS": "1", "emails-0-address": first["email"]}
        answer = client.post("/people/likely/", sent, secure=settings.SESSION_COOKIE_SECURE)
        assert answer.status_code == 200, answer.status_code

    return post


def timed(clients, typed, asker, name):
    """Return (milliseconds, those of our CPU) of each question, asked by so many clients at a time."""
    processes = min(clients, served.WORKERS)
    parts = [typed[at::clients] for at in range(clients)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=application) as pool:
        found = pool.map(_by_threads, [(asker, name, parts[at::processes]) for at in range(processes)])
        return [took for some in found for took in some]


def _by_threads(what):
    asker, name, parts = what
    ask = asker(name)
    with ThreadPoolExecutor(len(parts)) as pool:
        return [took for part in pool.map(lambda part: _one_after_the_other(ask, part), parts) for took in part]


def _one_after_the_other(ask, part):
    from django.db import connection

    took = []
    for one in part:
        start, busy = perf_counter(), thread_time()
        ask(one)
        took.append(((perf_counter() - start) * 1000, (thread_time() - busy) * 1000))
    connection.close()
    return took[WARM_UP:]


def told(what, took, aim):
    wall, cpu = zip(*took, strict=True)
    p95 = quantiles(wall, n=20)[-1]
    mark = f"  ! above {aim}" if p95 > aim else ""
    print(f"{what:30}{median(wall):8.1f}{p95:8.1f}{max(wall):8.1f}{median(cpu):8.1f}{mark}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
