"""The Celery application: it wakes workers, the job rows are the truth."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

app = Celery("cornerstone")
app.config_from_object("django.conf:settings", namespace="CELERY")
