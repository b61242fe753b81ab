"""The labelled sets: NAME.csv (id and columns as of `manage.py find_duplicates`) and NAME_truth.csv (id, cluster)."""

import csv
import gzip
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINKED = "febrl4"  # two files: pairs inside one do not count


class NoSets(Exception):
    """The labelled sets are not where they are looked for; the message says where that is."""


@dataclass(frozen=True)
class LabelledSet:
    """`files`: the CSV files, two for sets that are linked."""

    name: str
    files: tuple
    truth: Path

    @property
    def linked(self):
        return len(self.files) > 1

    @cached_property
    def clusters(self):
        """{id: cluster}."""
        return {row["id"]: row["cluster"] for row in rows(self.truth)}


def directory():
    """Return where the sets lie: MATCHING_DATA, or shared/data/matching beside this directory. Raises NoSets."""
    place = Path(os.environ.get("MATCHING_DATA") or ROOT.parent / "shared" / "data" / "matching")
    if not (place / "score.py").exists():
        raise NoSets(f"There are no labelled sets in {place}: set MATCHING_DATA to the directory with score.py.")
    return place


def all_sets():
    """Return the LabelledSets in the order of their names. Raises NoSets."""
    found = {}
    for path in sorted(directory().glob("*_truth.csv*")):
        name = path.name.split("_truth.csv")[0]
        parts = (f"{name}a", f"{name}b") if name == LINKED else (name,)
        found[name] = LabelledSet(name, tuple(_file(part) for part in parts), path)
    return list(found.values())


def _file(name):
    return next(iter(sorted(directory().glob(f"{name}.csv*"))))


def opened(path):
    """Open a CSV file, packed or not."""
    packed = path.suffix == ".gz"
    return (gzip.open if packed else open)(path, "rt", newline="", encoding="utf-8")


def rows(path):
    """Yield the rows as {column: text}."""
    with opened(path) as file:
        yield from csv.DictReader(file)


def unpacked(path, place):
    """Return the path of the file, unpacked into the directory `place` if it is packed."""
    if path.suffix != ".gz":
        return path
    target = place / path.stem
    with gzip.open(path) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)
    return target


def scored(pairs, labelled, threshold=0.5):
    """Return what score.py of the sets prints of a file of pairs, as text."""
    options = ["--threshold", str(threshold), *(["--link"] if labelled.linked else [])]
    command = [sys.executable, directory() / "score.py", pairs, labelled.truth, *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
