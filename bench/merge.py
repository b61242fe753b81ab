"""`python -m bench.merge`: how long it takes to merge people with many tasks and talks, and to take the merge apart.

PEOPLE (100000): of how many the database is; arguments: how many children the records have together (50 5000). Needs
DATABASE_URL, as `make bench`. What it writes it takes back.
"""

import sys
import time
from contextlib import contextmanager
from datetime import date

from bench import ground

SIZES = (50, 5_000)
RECORDS = 3


def main(*arguments):
    ground.measure("bench.merge", arguments)


def measure(*arguments):
    ground.set_up()
    for number in [int(one) for one in arguments] or SIZES:
        measure_merge(number)


def measure_merge(number):
    from django.db import transaction

    from contacts.models import Person
    from crm import merging
    from crm.models import User

    admin = User.objects.filter(role__key="administrator").first()
    with transaction.atomic():
        ids = people(admin, number)
        with timed("merged", number):
            act = merging.merge(Person, ids, by=admin)
        with timed("taken apart", number):
            merging.unmerge(act, by=admin)
        transaction.set_rollback(True)


def people(admin, number):
    """Write the records with half as many tasks as children, and as many participations in talks; return their ids."""
    from django.db import connection
    from django.utils import timezone

    from contacts.models import Person
    from contacts.services import save_with_parts
    from crm.merging import every
    from interactions.models import Interaction, Participation, Task

    made = [save_with_parts(record=Person(given_name="Ada", family_name="Bench", owner=admin)) for _ in range(RECORDS)]
    days = {"due_on": date(2030, 1, 1), "owner": admin}
    tasks = [Task(subject=f"T{at}", person=made[at % RECORDS], **days) for at in range(number // 2)]
    for task in tasks:
        task.standardise()
    every(Task).bulk_create(tasks)
    now = timezone.now()
    talks = every(Interaction).bulk_create(
        Interaction(kind="call", body="x", at=now, owner=admin) for _ in range(number - number // 2)
    )
    every(Participation).bulk_create(
        Participation(interaction=talk, person=made[at % RECORDS], at=now) for at, talk in enumerate(talks)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE interactions_task, interactions_participation")
    return [one.pk for one in made]


@contextmanager
def timed(what, number):
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    print(f"{what:14}{RECORDS} people with {number:>6,} children {seconds:8.2f} s", flush=True)


if __name__ == "__main__":
    measure(*sys.argv[2:]) if sys.argv[1:2] == ["--measure"] else main(*sys.argv[1:])
