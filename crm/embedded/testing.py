"""A pytest plugin: throw-away servers for the run, unless the environment names others.

Loaded with `-p`, so that DATABASE_URL stands before pytest-django reads the settings; the workers of
pytest-xdist inherit it.
"""

import os
import re
from contextlib import ExitStack

import django.db.models  # noqa: F401  (first: model_bakery, asked for by pytest-randomly, leaves it half imported)
import pytest

from crm.embedded.servers import throwaway


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config):
    """Start the servers before anything reads the settings; stop them when the run is over."""
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        servers = ExitStack()
        early_config.add_cleanup(servers.close)
        os.environ.update(servers.enter_context(throwaway()))
    _queue_of_its_own()
    return (yield)


def _queue_of_its_own():
    """Give each worker of pytest-xdist a database of the broker: Celery's workers are woken by their own test alone."""
    number = re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", ""))
    if number is None:
        return
    url, database = os.environ["REDIS_URL"], int(number[1]) + 1
    base = url.partition("?")[0] if url.startswith("unix://") else re.sub(r"(?<=\d)/\d*$", "", url)
    os.environ["REDIS_URL"] = f"{base}?db={database}" if url.startswith("unix://") else f"{base}/{database}"
