"""How soon a change of a person shows in the suggestions: `python -m bench.following`.

DATABASE_URL and REDIS_URL name the servers; PEOPLE a database of the bench's own with so many. A real worker runs
beside it. Somebody becomes the namesake of another, at the same address, and is themselves again: the time from each
save to the suggestion that follows.
"""

import os
import signal
import subprocess
import sys
from statistics import median, quantiles
from time import monotonic, perf_counter, sleep

import django

from bench import ground

CHANGES = 60
WARM_UP = 5
LONGEST = 60  # seconds
AIM = 2.0


def main():
    if "PEOPLE" in os.environ:
        os.environ.update(ground.environment(ground.database(int(os.environ["PEOPLE"]))))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    environment = os.environ | {"CORNERSTONE_PROCESS": "worker"}
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "crm.celery",
        "worker",
        "-c",
        "2",
        "--without-gossip",
        "-l",
        "error",
    ]
    worker = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        took = [seconds for _change in range(CHANGES) for seconds in there_and_back()][WARM_UP:]
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait()
    p95 = quantiles(took, n=20)[-1]
    mark = f"  ! above {AIM}" if p95 > AIM else ""
    print(f"{len(took)} changes; seconds: p50 {median(took):.2f}, p95 {p95:.2f}, most {max(took):.2f}{mark}")


def there_and_back():
    """Yield how long the suggestion took to come, and to go again."""
    from contacts.models import Person
    from contacts.reach import EmailAddress
    from contacts.services import save_with_parts
    from crm import history
    from crm.access import users_with_access

    admin = users_with_access().filter(is_active=True, role__key="administrator").first()
    one, other = Person.objects.editable_by(admin).filter(emailaddress__is_primary=True).order_by("?")[:2]
    before = one.given_name, one.family_name
    shared = EmailAddress(address=EmailAddress.objects.of(other).get(is_primary=True).address)
    there = {"record": one, "parts": [shared]}, (other.given_name, other.family_name), True
    back = {"record": one, "removed": [shared]}, before, False
    for change, names, wanted in (there, back):
        one.given_name, one.family_name = names
        began = perf_counter()
        with history.acting(admin, reason="bench"):
            save_with_parts(**change)
        wait_until(lambda wanted=wanted: suggested(one, other) == wanted)
        yield perf_counter() - began


def suggested(one, other):
    from crm.duplicates import Suggestion

    left, right = sorted((one.pk, other.pk))
    return Suggestion.objects.filter(kind=1, left=left, right=right).exists()


def wait_until(condition):
    end = monotonic() + LONGEST
    while not condition():
        if monotonic() > end:
            raise TimeoutError(f"not within {LONGEST} seconds")
        sleep(0.01)


if __name__ == "__main__":
    main()
