"""The WSGI application that granian serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
os.environ["CORNERSTONE_PROCESS"] = "web"  # short database time-outs: see DATABASES in settings

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
