"""`python -m bench.measuring`: measure every case for every user over DATABASE_URL; write the figures as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from statistics import median, quantiles

USERS = ("admin", "manager", "rep", "newrep")
WARM_UP, ROUNDS = 3, 30


@dataclass(frozen=True)
class Figures:
    """A case for a user: times in ms, size in kB; queries: the most of any request."""

    name: str
    user: str
    p50: float
    p95: float
    cpu: float
    database: float
    queries: int
    kilobytes: float
    faults: int


def figures(name, user, calls):
    return Figures(
        name,
        user,
        p50=median(call.wall_ms for call in calls),
        p95=quantiles((call.wall_ms for call in calls), n=20)[-1],
        cpu=median(call.cpu_ms for call in calls),
        database=median(call.database_ms for call in calls),
        queries=max(call.queries for call in calls),
        kilobytes=median(call.size for call in calls) / 1000,
        faults=sum(call.status not in {200, 302} for call in calls),
    )


def measured(only=""):
    """Yield the Figures of every case whose name contains `only`."""
    from crm.wsgi import application  # sets up Django as the web server does

    from bench.calls import call, session_of
    from bench.cases import cases
    from bench.samples import Samples
    from crm.models import User

    samples = Samples()
    for name in USERS:
        user = User.objects.get(email=f"{name}@demo.example")
        session = session_of(user)
        for case in cases(User.objects.get(pk=user.pk), samples):
            if only in case.name and case.requests:
                requests = cycle(case.requests)
                for request in islice(requests, WARM_UP):
                    call(application, request, session)
                calls = [call(application, request, session) for request in islice(requests, ROUNDS)]
                yield figures(case.name, name, calls)


if __name__ == "__main__":
    for found in measured(*sys.argv[1:]):
        print(json.dumps(asdict(found)), flush=True)
