"""A pytest plugin: throw-away servers for the run, unless the environment names others.

Loaded with `-p`, so that DATABASE_URL stands before pytest-django reads the settings; the workers of
pytest-xdist inherit it.
"""

import os
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
    return (yield)
