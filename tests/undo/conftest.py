"""The cast and signed-in browsers, and what tests of the undo journal look at."""

import pytest

from crm import undo
from tests.architecture.conftest import no_hurry, signed_in  # noqa: F401
from tests.cast import _module_rows, cast, world  # noqa: F401
from tests.factories.contacts import reload


@pytest.fixture
def undone():
    """Undo an act as somebody; return the act as it came out, with its entries."""

    def undone(act, by):
        act = undo.undo(act, by=by)
        act.found = {entry.row_id: entry for entry in act.entries.all()}
        return act

    return undone


@pytest.fixture
def latest():
    """Return the newest act."""
    return lambda: undo.Act.objects.order_by("-pk").first()


def values(record, *names):
    """Return the values of a record as the database has it now."""
    found = reload(record)
    return tuple(getattr(found, name) for name in names)
