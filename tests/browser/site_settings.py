"""The settings of the site the browser tests visit: as in production, with static files of its own and error pages."""

from crm.settings import *  # noqa: F403
from crm.settings import VAR_DIR

ROOT_URLCONF = "tests.browser.site_urls"
STATIC_ROOT = VAR_DIR / "static"
