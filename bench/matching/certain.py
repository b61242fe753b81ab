"""`python -m bench.matching.certain [person] [company] [--keep]`: how right the certain band is, on labelled sets.

The band: clusters all of whose pairs are as likely as the specification's `certain` says, none of them vetoed. Each
set is matched by weights fitted to the others; what the weights are not fitted to (senzing_customers) by the shipped
ones. Writes contacts/matching/person_certain.json and company_certain.json, which the site shows beside its own
figures; with --keep they are left as they are. Beside the band in use it prints what others would give.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import numpy as np

from bench.matching.fitting import RECIPES, fit, pairs_in, sample
from bench.matching.sets import all_sets
from contacts.matching import files
from crm.matching.certain import MeasuredSet, odds_of
from crm.matching.clustering import clusters
from crm.matching.columns import SMALLEST_POPULATION
from crm.matching.finding import vetoed, weight_of, weights_adapted

COMMAND = "python -m bench.matching.certain"
OTHERS = (0.9, 0.99, 0.999, 0.9999)
NOISY = {"companies_chicago"}  # of one building many sites, labelled as one or as many
UNFITTED = "senzing_customers"
SURE = 0.995


@dataclass
class Matched:
    """One set matched: its pairs with their odds and vetoes, the labels of its clusters, and the truth."""

    name: str
    truth: np.ndarray
    labels: np.ndarray
    left: np.ndarray
    right: np.ndarray
    odds: np.ndarray
    veto: np.ndarray
    first: int = 0

    @property
    def same(self):
        return self.truth[self.left] == self.truth[self.right]

    def in_band(self, weight):
        """Return a mask of the pairs in clusters all of whose pairs weigh at least so much."""
        sizes = np.bincount(self.labels)
        together = (self.labels[self.left] == self.labels[self.right]) & ~self.veto & (self.odds >= weight)
        listed = np.bincount(self.labels[self.left[together]], minlength=len(sizes))
        whole = listed == sizes * (sizes - 1) // 2
        return together & whole[self.labels[self.left]]

    @property
    def recall_when_sure(self):
        """Return the share of all true pairs that the surest hold while .995 of those are right."""
        order = np.argsort(-self.odds, kind="stable")
        right = np.cumsum(self.same[order])
        ends = np.append(
            self.odds[order][1:] != self.odds[order][:-1], True
        )  # pairs that weigh the same stand together
        fitting = right[ends & (right >= SURE * np.arange(1, len(order) + 1))]
        return float(fitting.max(initial=0)) / max(1, pairs_in(self.truth, self.first))

    def told(self, weight):
        """Return the MeasuredSet of the band from a weight on."""
        band = self.in_band(weight)
        return MeasuredSet(
            self.name, len(self.truth), int(band.sum()), int(self.same[band].sum()),
            pairs_in(self.truth, self.first), round(self.recall_when_sure, 4), self.name not in NOISY,
        )  # fmt: skip


def main(*options):
    known = {labelled.name: labelled for labelled in all_sets()}
    kinds = set(options) & set(RECIPES) or set(RECIPES)
    unfitted = _unfitted(known.get(UNFITTED))
    for name in sorted(kinds):
        recipe = RECIPES[name]
        samples = [sample(recipe.specification, known[one]) for one in recipe.importance]
        found = [_held_out(recipe, one, samples) for one in samples] + [one for kind, one in unfitted if kind == name]
        certain = recipe.specification.certain
        print(f"{name}: probability {certain} and more; each set by weights fitted to the others")
        told = [one.told(odds_of(certain)) for one in found]
        for one, line in zip(found, told, strict=True):
            _show(one, line)
        if "--keep" not in options:
            recipe.specification.certain_file.write_text(_written(certain, told))
    return None


def _held_out(recipe, one, samples):
    """Match a set by weights fitted without it."""
    by = recipe.specification.weighing_by(fit(recipe, [other for other in samples if other is not one]))
    population = max(one.population, SMALLEST_POPULATION)
    odds = weights_adapted(by, population, weight_of(by, population, one.levels), one.levels)[1]
    veto = vetoed(by, {name: levels.codes for name, levels in one.levels.items()}, len(odds))
    labels = clusters(len(one.truth), one.left, one.right, odds, veto)
    return Matched(one.name, one.truth, labels, one.left, one.right, odds, veto, one.first)


def _unfitted(labelled):
    """Return [(kind, Matched)] of the set whose rows are people and companies, by the shipped weights."""
    if labelled is None:
        return []
    records, numbers, found = files.read(*labelled.files), {}, []
    truth = np.array([numbers.setdefault(labelled.clusters[pk], len(numbers)) for pk in records.ids])
    for one in files.duplicates(records):
        pairs, kind = one.found, one.found.specification.kind
        own = truth[one.places]
        found.append(
            (kind, Matched(labelled.name, own, pairs.labels, pairs.left, pairs.right, pairs.weight, pairs.veto))
        )
    return found


def _show(one, told):
    beside = ((share, one.told(odds_of(share))) for share in OTHERS)
    print(
        f"  {told.name:22}{told.records:>8,} records {told.right:>7,} of {told.pairs:>7,} right {_share(told)}"
        f"  R {told.recall:.3f}  R@.995 {told.recall_at_995:.3f}   beside: "
        + "  ".join(f"{share}: {_share(other)} R {other.recall:.3f}" for share, other in beside),
        flush=True,
    )


def _share(told):
    return "  –   " if told.precision is None else f"P {told.precision:.4f}"


def _written(certain, sets):
    lines = ",\n".join(f"  {json.dumps(asdict(one))}" for one in sets)
    head = {"probability": certain, "command": COMMAND, "on": datetime.now(UTC).date().isoformat()}
    return f'{json.dumps(head)[:-1]}, "sets": [\n{lines}\n]}}\n'


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
