"""The WSGI application that granian serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
os.environ["CORNERSTONE_PROCESS"] = "web"  # short database time-outs: see crm.environment

import django

django.setup(set_prefix=False)

from crm.requests import Handler

application = Handler()
