"""`python -m bench.matching.with_cornerstone PAIRS.csv FILE.csv [FILE2.csv]`: the matching of this project, timed."""

import csv
import sys

from bench.matching.clocked import Clock
from contacts.matching import files


def main(out, *paths):
    records = files.read(*paths)
    with Clock():
        kinds = list(files.duplicates(records))
    with open(out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id_1", "id_2", "score", "cluster"))
        clusters = 0
        for kind in kinds:
            left, right = (
                [records.ids[place] for place in kind.places[side]] for side in (kind.found.left, kind.found.right)
            )
            numbers = [number or "" for number in kind.numbers(before=clusters).tolist()]
            writer.writerows(zip(left, right, kind.found.probability.tolist(), numbers, strict=True))
            clusters += kind.clusters


if __name__ == "__main__":
    main(*sys.argv[1:])
