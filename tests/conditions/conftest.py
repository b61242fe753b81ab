"""The cast for the tests of conditions."""

from tests.architecture.conftest import no_hurry, signed_in  # noqa: F401
from tests.cast import _module_rows, cast, world  # noqa: F401
