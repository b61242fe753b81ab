"""A job that lasts long enough for its worker to be killed in the middle. Loaded by the worker under test."""

import os
import time

from crm import handover
from crm.jobs import job
from crm.models import Tag

STEPS = 20
if os.environ.get("CORNERSTONE_PROCESS") == "worker":
    handover.STEP = 3  # many steps for few records, so that a worker can be killed between two of them


@job("test.slow_steps", atomic=False, lease=600)
def slow_steps(run):
    run.progress(total=STEPS)
    for number in range(run.done, STEPS):
        time.sleep(0.1)
        with run.step():
            Tag.objects.create(name=f"{number:02}")


@job("test.too_slow", seconds=1, tries=1)
def too_slow(run):
    time.sleep(30)
