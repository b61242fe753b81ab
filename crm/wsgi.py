"""The WSGI application that granian serves."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
os.environ["CORNERSTONE_PROCESS"] = "web"  # short database time-outs: see crm.environment

from django.core.wsgi import get_wsgi_application

from crm.requests import Request

application = get_wsgi_application()
application.request_class = Request

gc.collect()
gc.freeze()  # what is loaded by now stays: looking through it for garbage would hold up a request for 0.1 s
