"""Duplicates in files: CSV in, pairs out."""

import csv
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from contacts.matching.companies import COMPANY
from contacts.matching.people import PERSON
from contacts.matching.reading import COLUMNS
from contacts.matching.wording import worded
from crm.matching.columns import Frame
from crm.matching.evidence import evidence
from crm.matching.finding import Findings, find

NAMES = ("given_name", "family_name", "full_name")
LIMIT = 2**27  # characters in one cell
PAIR_COLUMNS = ("id_1", "id_2", "score", "weight", "cluster", "evidence")


class BadFile(ValueError):
    """A file that cannot be read as a list of people or companies; the message says why."""


@dataclass
class Records:
    """The rows of one or two files. `columns`: {name: n texts}; `first`: how many rows are the first file's."""

    ids: list
    columns: dict
    first: int


def read(path, other=None):
    """Return the Records of a CSV file (UTF-8, with a header), and of a second one to be linked with it.

    Columns but those of `reading.COLUMNS` and `id` are ignored; without `id` rows are numbered from 1.
    Raises BadFile for what is no such file.
    """
    ids, columns = _rows(path)
    if other is None:
        return Records(ids, columns, len(ids))
    more_ids, more = _rows(other)
    joined = {
        name: columns.get(name, [""] * len(ids)) + more.get(name, [""] * len(more_ids)) for name in {**columns, **more}
    }
    return Records(ids + more_ids, joined, len(ids))


def _rows(path):
    csv.field_size_limit(LIMIT)
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, dialect=_dialect(file))
            head = [name.strip().lower() for name in next(reader, [])]
            rows = [row for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path}: {error}") from None
    known = {name: place for place, name in enumerate(head) if name in COLUMNS}
    if not known:
        raise BadFile(f"{path}: none of the columns {', '.join(COLUMNS)} stands in its first line.")
    columns = {name: [_cell(row, place) for row in rows] for name, place in known.items()}
    ids = (
        [_cell(row, head.index("id")) for row in rows] if "id" in head else [str(line + 1) for line in range(len(rows))]
    )
    return ids, columns


def _dialect(file):
    beginning = file.readline()
    file.seek(0)
    delimiter = max(",;\t|", key=beginning.count)
    return type("Dialect", (csv.excel,), {"delimiter": delimiter})


def _cell(row, place):
    return row[place].replace("\0", "") if place < len(row) else ""


@dataclass
class Duplicates:
    """What was found among the records of one kind, which stand at `places` of the file."""

    places: np.ndarray
    frame: Frame
    found: Findings

    def numbers(self, before=0):
        """Return for each pair the number of the cluster that holds both, from `before` + 1 on; 0 for none."""
        labels = self.found.labels
        together = (labels[self.found.left] == labels[self.found.right]) & ~self.found.veto
        return np.where(together, (np.cumsum(np.bincount(labels) > 1) + before)[labels[self.found.left]], 0)

    @property
    def clusters(self):
        """The number of clusters of two or more."""
        return int((np.bincount(self.found.labels) > 1).sum())


def duplicates(records):
    """Yield the Duplicates among the people, and among the companies: the rows with a company but no person's name.

    In a file without names of people all rows are companies.
    """
    person = np.zeros(len(records.ids), bool)
    if known := [name for name in NAMES if name in records.columns]:
        person = ~_filled(records, "company")
        for name in known:
            person |= _filled(records, name)
    for specification, places in ((PERSON, np.flatnonzero(person)), (COMPANY, np.flatnonzero(~person))):
        if len(places):
            yield _duplicates(specification, records, places)


def _filled(records, name):
    texts = records.columns.get(name) or [""] * len(records.ids)
    return np.array([bool(text.strip()) for text in texts], bool)


def _duplicates(specification, records, places):
    columns = {name: [[texts[place] for place in places.tolist()]] for name, texts in records.columns.items()}
    frame = specification.standardise(columns)
    of_first = places < records.first
    linking = records.first < len(records.ids)
    only = (lambda left, right: of_first[left] != of_first[right]) if linking else None
    return Duplicates(places, frame, find(specification, frame, only=only))


def write_duplicates(records, path):
    """Find the duplicates and write them as CSV, surest first; return (number of pairs, of clusters, LargeBlocks)."""
    pairs = clusters = 0
    large = []
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(PAIR_COLUMNS)
        for kind in duplicates(records):
            writer.writerows(_pair_rows(kind, records.ids, kind.numbers(before=clusters)))
            pairs, clusters, large = pairs + len(kind.found.left), clusters + kind.clusters, large + kind.found.large
    return pairs, clusters, large


def _pair_rows(kind, ids, numbers):
    found, population = kind.found, kind.frame.population
    say = lru_cache(maxsize=None)(lambda line: f"{worded(line, population)} ({line.weight:+.1f})")
    prior = f"any two records ({found.specification.weights.prior_of(population):+.1f})"
    score = found.probability
    for place in np.argsort(-found.weight, kind="stable").tolist():
        left, right = kind.places[found.left[place]], kind.places[found.right[place]]
        lines = evidence(found.specification, found.levels, place, population)
        words = "; ".join([*map(say, lines), prior])
        yield ids[left], ids[right], f"{score[place]:.6f}", f"{found.weight[place]:.2f}", numbers[place] or "", words
