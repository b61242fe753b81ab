"""`python -m bench.measuring`: measure every case for every user over DATABASE_URL; write the figures as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from itertools import cycle, islice
from statistics import median, quantiles

USERS = ("admin", "manager", "rep", "newrep", "teammate", "otherteam", "marketer", "agent", "auditor")
WARM_UP, ROUNDS = 3, 30


@dataclass(frozen=True)
class Figures:
    """A case for a user: times in ms, size in kB; queries: the most of any request."""

    name: str
    aim: str
    user: str
    p50: float
    p95: float
    cpu: float
    database: float
    queries: int
    kilobytes: float


def figures(case, user, calls):
    return Figures(
        case.name,
        case.aim,
        user,
        p50=median(call.wall_ms for call in calls),
        p95=quantiles((call.wall_ms for call in calls), n=20)[-1],
        cpu=median(call.cpu_ms for call in calls),
        database=median(call.database_ms for call in calls),
        queries=max(call.queries for call in calls),
        kilobytes=median(call.size for call in calls) / 1000,
    )


def measured(*only):
    """Yield the Figures of every case, or of those whose name contains one of the words."""
    application = import_module("crm.wsgi").application  # sets up Django as the web server does
    from bench.calls import call, session_of
    from bench.cases import cases
    from bench.samples import Samples
    from crm.models import User

    samples = Samples()
    for name in USERS:
        user = User.objects.get(email=f"{name}@demo.example")
        session = session_of(user)
        for case in cases(user, samples):
            if case.requests and (not only or any(word in case.name for word in only)):
                requests = islice(cycle(case.requests), WARM_UP + ROUNDS)
                calls = [call(application, request, session) for request in requests]
                yield figures(case, name, calls[WARM_UP:])


if __name__ == "__main__":
    for found in measured(*sys.argv[1:]):
        print(json.dumps(asdict(found)), flush=True)
