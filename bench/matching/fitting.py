"""`python -m bench.matching.fitting [person] [company] [--held-out] [--keep]`: fit the shipped weights.

They are fitted to the labelled sets. Prints the figures of each set by the new weights; with --held-out also by weights
fitted without that set. With --keep the files contacts/matching/*_weights.json are left as they are. docs/matching.md
tells the method.
"""

import json
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bench.matching.sets import all_sets, rows
from contacts.matching.companies import COMPANY
from contacts.matching.people import PERSON
from crm.matching.adapting import shares_of
from crm.matching.blocking import candidates
from crm.matching.clustering import clusters
from crm.matching.columns import SMALLEST_POPULATION
from crm.matching.comparing import Pairs
from crm.matching.finding import Specification, vetoed, weight_of, weights_adapted
from crm.matching.learning import design, fitted, vector, weights
from crm.matching.weighing import Weights

DECIMALS = 2
SHARE_DECIMALS = 4
HELD = 1e9  # tightness


@dataclass(frozen=True)
class Recipe:
    """How the weights of one specification are fitted.

    `importance`: {set: what one of its pairs counts}. `sloped`: the levels whose weight depends on how rare the value
    is: elsewhere a slope learns the habits of one set. `anchor`: weights set by hand that few labels are added to;
    the comparisons that are `held` keep theirs.
    """

    specification: Specification
    importance: dict
    sloped: frozenset
    tightness: float
    anchor: dict = field(default_factory=dict)
    held: tuple = ()
    prior: float = 0.0


def levels(**chosen):
    """Return the frozenset of (comparison, level); "_" in a name stands for a space."""
    return frozenset((name.replace("_", " "), level) for name, found in chosen.items() for level in found)


PEOPLE = Recipe(
    PERSON,
    importance={
        "contacts_a": 1, "contacts_b": 1, "contacts_c": 0.4, "febrl1": 1, "febrl2": 1, "febrl3": 1, "febrl4": 1,
        "fake_1000": 0.5,
    },
    sloped=levels(
        given=("same", "nickname", "initial", "close", "fair"),
        family=("same", "close", "part", "fair"),
        phone=("mobile", "same", "crossed"),
        workplace=("same", "near", "part", "domain"),
        street=("same",),
        city=("same",),
        job=("same",),
    )
    | {("e-mail", "free")},
    tightness=2.0,
)  # fmt: skip
COMPANIES = Recipe(
    COMPANY,
    importance={"companies_restaurants": 8, "companies_chicago": 0.05},  # 112 pairs and 6,608, the latter less clean
    sloped=levels(
        company=("same", "near", "part", "fair", "word"), phone=("same",), web_site=("same",), street=("same",)
    )
    | {("e-mail", "domain")},
    tightness=30.0,
    prior=1.5,
    held=("city", "state", "country"),  # one set is of one city; in the other a city in common would speak against
    anchor={
        "company": {
            "same": (-1, 0.9), "near": (-1, 0.8), "part": (-1.5, 0.6), "fair": (-2, 0.5), "word": (-3, 0.5),
            "weak": (-3, 0), "other": (-5, 0),
        },
        "phone": {"same": (2, 0.6), "switchboard": (1, 0), "near": (2, 0), "other": (-0.7, 0)},
        "e-mail": {"same": (5, 0), "domain": (0, 0.6), "other": (-0.7, 0)},
        "web site": {"same": (-0.5, 0.5), "other": (-0.7, 0)},
        "street": {"same": (0, 0.6), "near": (3, 0), "number": (1.5, 0), "other": (-1.5, 0)},
        "postcode": {"beside the street": (0.3, 0), "same": (1.5, 0), "near": (0.3, 0), "other": (-0.8, 0)},
        "city": {"beside the postcode": (0.2, 0), "same": (0.8, 0), "near": (0.6, 0), "other": (-1, 0)},
        "state": {"same": (0.3, 0), "other": (-0.8, 0)},
        "country": {"same": (0.1, 0), "other": (-1, 0)},
    },
)  # fmt: skip


RECIPES = {"company": COMPANIES, "person": PEOPLE}


@dataclass
class Sample:
    """The candidates of one labelled set, compared."""

    name: str
    truth: np.ndarray
    first: int
    left: np.ndarray
    right: np.ndarray
    levels: dict
    population: int

    @property
    def same(self):
        return self.truth[self.left] == self.truth[self.right]


def main(*options):
    known = {labelled.name: labelled for labelled in all_sets()}
    kinds = set(options) & set(RECIPES) or set(RECIPES)
    for recipe in (RECIPES[kind] for kind in sorted(kinds)):
        samples = [sample(recipe.specification, known[name]) for name in recipe.importance]
        found = fit(recipe, samples)
        print(f"{recipe.specification.kind}: {'in sample':30}" + ("held out" if "--held-out" in options else ""))
        for one in samples:
            parts = [figures(recipe, one, found)]
            if "--held-out" in options:
                parts.append(figures(recipe, one, fit(recipe, [other for other in samples if other is not one])))
            print(f"  {one.name:22}" + "   ".join(parts), flush=True)
        if "--keep" not in options:
            Path(recipe.specification.weights_file).write_text(written(found, recipe.specification.comparisons))


def sample(specification, labelled):
    """Return the Sample of a labelled set."""
    tables = [list(rows(path)) for path in labelled.files]
    records = [row for table in tables for row in table]
    columns = {name: [[row[name] for row in records]] for name in records[0]}
    frame = specification.standardise(columns)
    left, right, _large = candidates(specification.keys, frame)
    if labelled.linked:
        across = (left < len(tables[0])) != (right < len(tables[0]))
        left, right = left[across], right[across]
    pairs = Pairs(frame, left, right)
    numbers = {}
    truth = np.array([numbers.setdefault(labelled.clusters[row["id"]], len(numbers)) for row in records])
    found = {compared.name: compared(pairs) for compared in specification.comparisons}
    first = len(tables[0]) if labelled.linked else 0
    return Sample(labelled.name, truth, first, left, right, found, frame.size)


def fit(recipe, samples):
    """Return the Weights that fit these samples."""
    comparisons = recipe.specification.comparisons
    offset = [np.full(len(one.left), -np.log(one.population)) for one in samples]
    importance = [np.full(len(one.left), recipe.importance[one.name]) for one in samples]
    centre = vector(Weights.of_tables(recipe.prior, recipe.anchor, comparisons), comparisons)
    tightness = np.full(len(centre), recipe.tightness)
    tightness[-1] = recipe.tightness if recipe.anchor else 1e-6
    tightness[[place for place, name in enumerate(names_of(comparisons)) if name in recipe.held]] = HELD
    found = fitted(
        np.concatenate([design(comparisons, one.levels, recipe.sloped) for one in samples]),
        np.concatenate([one.same for one in samples]),
        np.concatenate(offset),
        np.concatenate(importance),
        centre,
        tightness,
    )
    return replace(weights(np.round(found, DECIMALS), comparisons), shares=_shares(comparisons, samples))


def _shares(comparisons, samples):
    """The shares of levels among pairs that are the same, each sample counted as one."""
    told = [shares_of(comparisons, {name: found[one.same] for name, found in one.levels.items()}) for one in samples]
    sums = {compared.name: sum(shares[compared.name] for shares in told) for compared in comparisons}
    return {name: shares / max(shares.sum(), 1) for name, shares in sums.items()}


def names_of(comparisons):
    """Return the comparison that each parameter of `design` but the last belongs to."""
    return [compared.name for compared in comparisons for _level in compared.levels for _kind in ("base", "slope")]


def figures(recipe, one, found):
    """Return precision, recall and F1 of the clusters as text."""
    by = recipe.specification.weighing_by(found)
    population = max(one.population, SMALLEST_POPULATION)
    odds = weights_adapted(by, population, weight_of(by, population, one.levels), one.levels)[1]
    veto = vetoed(by, {name: levels.codes for name, levels in one.levels.items()}, len(odds))
    labels = clusters(len(one.truth), one.left, one.right, odds, veto).astype(np.int64)
    right = pairs_in(labels * (one.truth.max() + 1) + one.truth, one.first)
    precision, recall = right / max(1, pairs_in(labels, one.first)), right / pairs_in(one.truth, one.first)
    return f"P {precision:.4f} R {recall:.4f} F1 {2 * precision * recall / max(precision + recall, 1e-9):.4f}"


def pairs_in(labels, first):
    """Return the number of pairs with one label; `first`: only those across the first so many and the others."""
    return _pairs(labels) - (_pairs(labels[:first]) + _pairs(labels[first:]) if first else 0)


def _pairs(labels):
    sizes = np.unique(labels, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def written(found, comparisons):
    """Return the weights as the text of their file: a line for each comparison, without what weighs nothing."""
    fields, shares = {}, {}
    for compared in comparisons:
        table = np.round(found.fields[compared.name][1:].astype(float), DECIMALS) + 0.0
        fields[compared.name] = {
            level: pair for level, pair in zip(compared.levels, table.tolist(), strict=True) if any(pair)
        }
        share = np.round(found.shares[compared.name], SHARE_DECIMALS).tolist()
        shares[compared.name] = {level: one for level, one in zip(compared.levels, share, strict=True) if one}
    parts = [f'"prior": {round(found.prior, DECIMALS)}', f'"fields": {_lines(fields)}', f'"shares": {_lines(shares)}']
    return f"{{{', '.join(parts)}}}\n"


def _lines(tables):
    lines = [f"  {json.dumps(name)}: {json.dumps(table)}" for name, table in tables.items() if table]
    return "{\n" + ",\n".join(lines) + "\n}"


if __name__ == "__main__":
    main(*sys.argv[1:])
