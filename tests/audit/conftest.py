"""The cast and signed-in browsers for the tests of the site's history and of users' activity."""

from tests.architecture.conftest import no_hurry, signed_in  # noqa: F401
from tests.cast import _module_rows, cast, world  # noqa: F401
