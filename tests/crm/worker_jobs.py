"""Jobs that last long enough for their worker to be killed in the middle. Loaded by the worker under test."""

import gc
import os
import time
import uuid

from crm import events, handover, tasks
from crm.jobs import job
from crm.models import Tag
from crm.undo import undoing

STEPS = 20
if os.environ.get("CORNERSTONE_PROCESS") == "worker":
    handover.STEP = 3  # many steps for few records, so that a worker can be killed between two of them

if os.environ.get("CORNERSTONE_PROCESS") == "worker":  # many short steps, so that a kill falls between and within
    tasks.PART_ROWS, tasks.STEP_ROWS, undoing.STEP_ROWS = 25, 10, 5


if os.environ.get("CORNERSTONE_PROCESS") == "worker":

    @events.handler("contacts.person.changed", key="test.mark", label="Mark")
    def mark(event):
        """Leave a mark that no constraint keeps from being left twice."""
        Tag.objects.create(name=f"{event.pk} {event.record_id} {uuid.uuid4().hex[:12]}")
        time.sleep(0.01)


@job("test.slow_steps", atomic=False, lease=600)
def slow_steps(run):
    run.progress(total=STEPS)
    for number in range(run.done, STEPS):
        time.sleep(0.1)
        with run.step():
            Tag.objects.create(name=f"{number:02}")
    return {"niceness": os.nice(0), "threshold": gc.get_threshold()[0], "frozen": gc.get_freeze_count()}


@job("test.marked_steps", atomic=False, lease=600)
def marked_steps(run, *, word):
    """Each step leaves a mark that no constraint keeps from being left twice."""
    run.progress(total=STEPS)
    for number in range(run.done, STEPS):
        time.sleep(0.04)
        with run.step():
            Tag.objects.create(name=f"{word} {number:02} {uuid.uuid4().hex[:12]}")
            time.sleep(0.02)


@job("test.note_once")
def note_once(run, *, word):
    """One effect in the transaction of the job, for which no constraint cares either."""
    Tag.objects.create(name=f"{word} {uuid.uuid4().hex[:12]}")
    time.sleep(0.05)


@job("test.too_slow", seconds=1, tries=1)
def too_slow(run):
    time.sleep(30)
