"""The Celery application: it wakes workers, the job rows are the truth."""

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
if not settings.configured:  # then it is Celery's own command that loads us
    os.environ.setdefault("CORNERSTONE_PROCESS", "worker")

app = Celery("cornerstone")
app.config_from_object("django.conf:settings", namespace="CELERY")
