"""The figures as tables. What misses its aim is marked with "!" and counted at the end."""

from __future__ import annotations

from bench import aims
from bench.measuring import USERS

HEAD = "   p50    p95  cpu  db  q    kB"
ABREAST = 3  # users side by side
EMPTY = f"{'–':>8}{'':{len(HEAD) - 8}}"


def table(found):
    """Yield a line for each case with a group of figures for each user, three a table: times in ms, size in kB."""
    by_case = {}
    for one in found:
        by_case.setdefault(one.name, {})[one.user] = one
    for first in range(0, len(USERS), ABREAST):
        yield from _columns(by_case, USERS[first : first + ABREAST])
        yield ""


def _columns(by_case, names):
    width = max(map(len, by_case)) + 1
    yield " " * width + "".join(f"{user:^{len(HEAD)}} " for user in names)
    yield " " * width + f"{HEAD} " * len(names)
    for case, users in by_case.items():
        if any(user in users for user in names):
            yield f"{case:{width}}" + " ".join(_cell(users[user]) if user in users else EMPTY for user in names)


def _cell(one):
    p50, p95, cpu, queries = ("!" if missed else " " for missed in misses(one))
    times = f"{one.p50:6.1f}{p50}{one.p95:5.0f}{p95}{one.cpu:4.0f}{cpu}{one.database:4.0f}"
    return f"{times}{one.queries:3}{queries}{one.kilobytes:5.0f}"


def misses(one):
    """Return whether p50, p95, CPU and queries are above the aim."""
    aim = aims.BY_NAME[one.aim]
    return one.p50 > aim.p50_ms, one.p95 > aim.p95_ms, one.cpu > aims.CPU_MS, one.queries > aim.queries


def growth(small, large):
    """Yield how many times longer each case takes with many people than with few, by the median."""
    before = {(one.name, one.user): one.p50 for one in small}
    by_case = {}
    for one in large:
        if before.get((one.name, one.user)):
            by_case.setdefault(one.name, {})[one.user] = one.p50 / before[one.name, one.user]
    width = max(map(len, by_case)) + 1
    yield " " * width + "".join(f"{user:>9} " for user in USERS)
    for name, users in by_case.items():
        yield f"{name:{width}}" + "".join(_ratio(users.get(user)) for user in USERS)


def _ratio(number):
    return f"{'–':>9} " if number is None else f"{number:>8.2f}×{'!' if number > aims.GROWTH else ' '}"


def against(label, value, unit, most=None, least=None):
    """Return one line: what was measured, and the aim."""
    missed = (most is not None and value > most) or (least is not None and value < least)
    aim = f"aim: at most {most:g}" if most is not None else f"aim: at least {least:g}"
    return f"{label:34}{value:8.1f} {unit:10}{'!' if missed else ' '} {aim}"
