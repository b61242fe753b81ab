"""What the figures are held against: 1,000,000 people, two cores, two web processes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Aim:
    """The most that half of the answers, and nineteen of twenty, may take (ms), and the queries one may ask."""

    p50_ms: int
    p95_ms: int
    queries: int


BY_NAME = {
    "list": Aim(20, 40, 8),
    "any list": Aim(300, 300, 8),  # an order or a combination of filters without an index
    "record": Aim(20, 40, 12),
    "search": Aim(40, 100, 8),
    "write": Aim(30, 60, 60),
}
CPU_MS = 25

GROWTH = 1.3  # from 10,000 people to 1,000,000
PAGES_PER_SECOND = 80
WEB_MB = 400  # all web processes together
FIRST_PAGE_REQUESTS = 8
FIRST_PAGE_KB = 100  # JS and CSS over the wire
