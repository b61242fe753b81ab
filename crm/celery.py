"""The Celery application: it wakes workers, the job rows are the truth."""

import os

from celery import Celery
from celery.signals import worker_process_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
if not settings.configured:  # then it is Celery's own command that loads us
    os.environ.setdefault("CORNERSTONE_PROCESS", "worker")

NICENESS = 5  # of 19: a third as much of the processor as a page where both want it

app = Celery("cornerstone")
app.config_from_object("django.conf:settings", namespace="CELERY")


@worker_process_init.connect
def give_way(**_signal):
    """Let pages go before jobs where both run on one machine."""
    os.nice(NICENESS)
