"""`make bench-matching`: quality, speed and memory of matching on labelled sets, beside Splink and recordlinkage.

Arguments: only sets whose name contains one. MATCHING_DATA: where the sets lie. LARGER=10 adds contacts_c ten times
over (a million people, see growing.py). Each tool runs in a process of its own on the same files.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.matching import growing, name_pairs, surroundings
from bench.matching.sets import ROOT, NoSets, all_sets, scored, unpacked
from crm.matching.clustering import connected

OURS = "bench.matching.with_cornerstone"
SPLINK, RECORDLINKAGE = "bench.matching.with_splink", "bench.matching.with_recordlinkage"
HEAD = (
    f"{'':22}{'pairs':^21}  {'clusters':^21}\n{'':22}"
    + "  ".join(["precis. recall   F1  "] * 2)
    + "  R@.995      s     GB"
)


def main(*only):
    try:
        wanted = [one for one in all_sets() if not only or any(part in one.name for part in only)]
    except NoSets as error:
        return str(error)
    others = surroundings.python()
    started = time.monotonic()
    print("Pairs at p >= .5, or as said; R@.995 is the recall of the surest pairs while .995 of them are right.")
    print("* its best threshold by pairs, chosen with the truth in hand.\n")
    print(HEAD, flush=True)
    with tempfile.TemporaryDirectory() as place:
        for labelled in wanted:
            measure(labelled, Path(place), others)
        if os.environ.get("LARGER") and (not only or "larger" in only):
            base = next(one for one in all_sets() if one.name == "contacts_c")
            measure(growing.grown(base, int(os.environ["LARGER"]), Path(place)), Path(place), others, slow=False)
    if not only or "name_pairs" in only:
        name_pairs.show()
    print(f"\n{time.monotonic() - started:.0f} s")
    return None


def measure(labelled, place, others, slow=True):
    """Print a line for each tool. `slow`: recordlinkage too, which needs minutes for a million records."""
    print(f"{labelled.name}, {len(labelled.clusters):,} records")
    files = [unpacked(path, place) for path in labelled.files]
    pairs = place / "pairs.csv"
    clock = run(sys.executable, OURS, pairs, files)
    show("Cornerstone", pairs, labelled, clock)
    clock = run(others, SPLINK, pairs, files)
    best = show("Splink, p >= .95", pairs, labelled, clock, threshold=0.95)
    if best:
        cut(pairs, best)
        show("Splink *", pairs, labelled, clock, threshold=best)
    if slow:
        show("recordlinkage, ECM", pairs, labelled, run(others, RECORDLINKAGE, pairs, files))


def run(python, module, pairs, files):
    """Return what the tool's Clock printed, None if it failed."""
    pairs.unlink(missing_ok=True)
    command = [python, "-m", module, pairs, *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  {module}: {done.stderr.strip().splitlines()[-1]}")
        return None
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith('{"seconds"')))


def show(name, pairs, labelled, clock, threshold=0.5):
    """Print the figures of one tool; return its best threshold."""
    if not clock:
        return None
    found = json.loads(scored(pairs, labelled, threshold))
    nothing = {"precision": 1.0, "recall": 0.0, "f1": 0.0}
    parts = (found["at_threshold"], found.get("clusters", nothing))
    quality = "  ".join("  ".join(f"{part[key]:.4f}" for key in ("precision", "recall", "f1")) for part in parts)
    certain = found["recall_at_precision_0.995"]
    print(f"  {name:20}{quality}  {certain:.4f}{clock['seconds']:7.1f}{clock['gigabytes']:7.2f}", flush=True)
    return found["best"].get("score")


def cut(pairs, threshold):
    """Write the file of pairs with clusters anew: the connected components of the pairs at or above the threshold."""
    with pairs.open(newline="") as file:
        found = list(csv.DictReader(file))
    places = {}
    ends = np.array([[places.setdefault(row[end], len(places)) for end in ("id_1", "id_2")] for row in found])
    linked = ends[np.array([float(row["score"]) >= threshold for row in found])]
    labels = connected(len(places), linked[:, 0], linked[:, 1])
    with pairs.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id_1", "id_2", "score", "cluster"))
        for row, (left, right) in zip(found, ends.tolist(), strict=True):
            cluster = labels[left] if labels[left] == labels[right] else ""
            writer.writerow((row["id_1"], row["id_2"], row["score"], cluster))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
