"""The cast and signed-in browsers for the tests of people and companies."""

from tests.architecture.conftest import no_hurry, signed_in  # noqa: F401
from tests.cast import _module_rows, cast, world  # noqa: F401
