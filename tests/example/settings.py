"""The site with one app more."""

import os

from crm.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.example"]  # noqa: F405
DATABASES["default"]["TEST"] = {"NAME": f"test_example_{os.getpid()}"}  # noqa: F405  (beside the run's own)
