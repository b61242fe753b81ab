"""The values that stand for "none" in an order, so that sort keys are never NULL."""

from datetime import datetime, timezone

EARLIEST = datetime(1900, 1, 1, tzinfo=timezone.utc)
LATEST = datetime(2900, 1, 1, tzinfo=timezone.utc)
