"""The whole way: from standardised columns to weighted pairs, clusters and evidence."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from crm.matching.adapting import adapted
from crm.matching.blocking import candidates
from crm.matching.certain import odds_of
from crm.matching.clustering import clusters
from crm.matching.columns import Frame, text_hash
from crm.matching.comparing import Pairs
from crm.matching.weighing import CLAMP, Weights, probability

AT_ONCE = 500_000  # pairs compared in one go: bounds the memory
MARGIN = 1.0  # log odds by which adapted weights may lift a pair


@dataclass(frozen=True)
class Specification:
    """How records of one kind are matched.

    `standard(columns)` takes {name: list of texts, or list of such lists for several a record} and returns {name:
    Column}; `derivations`: what further columns are made of, see Frame.
    `counted`: the columns whose values' rarity comparisons ask for. `strong`: names of the keys that say so much that
    two who save a record with the same one wait for each other. `revision` is raised when the same columns are derived
    otherwise than before: stored keys are built anew then. `vetoes`: {comparison: levels} that keep two records apart
    whatever else they share. `first`: the comparisons that are made first, by name; `hopeless(pairs, weight)`: which
    pairs are dropped after them, given what they weigh. `certain`: the probability from which a pair is certain.
    """

    kind: str
    standard: Callable
    derivations: dict
    keys: tuple
    comparisons: tuple
    weights_file: Path
    counted: tuple = ()
    strong: tuple = ()
    revision: int = 1
    vetoes: dict = field(default_factory=dict)
    first: tuple = ()
    hopeless: Callable = lambda _pairs, weight: np.zeros(len(weight), bool)

    certain: float = 0.999

    given_weights: Weights | None = None

    @property
    def certain_weight(self):
        """The log odds from which a pair is certain."""
        return odds_of(self.certain)

    @property
    def certain_file(self):
        """Where it stands how right the certain band was on labelled sets, see crm.matching.certain."""
        return self.weights_file.with_name(f"{self.kind}_certain.json")

    def standardise(self, columns):
        """Return the Frame of records as somebody wrote them."""
        return Frame(self.standard(columns), self.derivations)

    @cached_property
    def weights(self):
        """The weights it was given, else the shipped ones."""
        return self.given_weights or Weights.read(self.weights_file, self.comparisons)

    def weighing_by(self, weights):
        """Return the same specification with other weights."""
        return replace(self, given_weights=weights)

    def in_two(self):
        """Return (the comparisons that are made first, the others)."""
        first = [compared for compared in self.comparisons if compared.name in self.first]
        return first, [compared for compared in self.comparisons if compared.name not in self.first]

    @cached_property
    def keys_fingerprint(self):
        """A signed number of 64 bits that is another when records get other keys."""
        return _fingerprint(self.revision, [(key.name, key.columns) for key in self.keys])

    @cached_property
    def weights_fingerprint(self):
        """A signed number of 64 bits that is another when weights are about something else."""
        return _fingerprint([(compared.name, compared.levels) for compared in self.comparisons])


def _fingerprint(*told):
    return int.from_bytes(text_hash(repr(told)).to_bytes(8, "big"), "big", signed=True)


@dataclass
class Findings:
    """Pairs above the lowest weight asked for, in the order of their places; `labels`: the cluster of every record.

    `levels`: {comparison: Levels} of these pairs, from which evidence is told, by the weights of `specification`, which
    are adapted to the records. `large`: blocks that a cap left out.
    """

    left: np.ndarray
    right: np.ndarray
    weight: np.ndarray
    veto: np.ndarray
    levels: dict
    labels: np.ndarray
    large: list
    specification: Specification

    @property
    def probability(self):
        return probability(self.weight)


def find(specification, frame, *, lowest=-3.0, only=None, answered=None):
    """Return Findings in a frame. `lowest`: log odds below which a pair is dropped.

    `only(left, right)`: a mask of the pairs to look at, as when two files are linked. `answered`: what people said,
    (left, right, whether they are the same): arrays of places, left < right.
    """
    left, right, large = candidates(specification.keys, frame)
    if only is not None:
        chosen = only(left, right)
        left, right = left[chosen], right[chosen]
    left, right, weight, veto, levels = weigh_many(specification, frame, left, right, lowest - MARGIN)
    specification, weight = weights_adapted(specification, frame.population, weight, levels)
    kept = np.flatnonzero(weight >= lowest)
    left, right, weight, veto = left[kept], right[kept], weight[kept], veto[kept]
    levels = {name: found[kept] for name, found in levels.items()}
    links = (left, right, weight, veto) if answered is None else with_answers(left, right, weight, veto, answered)
    return Findings(left, right, weight, veto, levels, clusters(frame.size, *links), large, specification)


def weights_adapted(specification, population, weight, levels):
    """Return the specification by weights adapted to its pairs, and what these weigh by them."""
    given, comparisons = specification.weights, specification.comparisons
    found = specification.weighing_by(adapted(given, comparisons, weight, levels))
    return found, weight_of(found, population, levels)


def weight_of(specification, population, levels):
    """Return what pairs weigh, float32, given their Levels by comparison."""
    said = (specification.weights.of(compared, levels[compared.name]) for compared in specification.comparisons)
    return sum(said, np.float32(specification.weights.prior_of(population)))


def with_answers(left, right, weight, veto, answered):
    """Return the links with what people said in the place of what was computed."""
    one, two, same = answered
    computed = ~np.isin(left << 32 | right, one << 32 | two)
    return (
        np.concatenate([left[computed], one]),
        np.concatenate([right[computed], two]),
        np.concatenate([weight[computed], np.where(same, CLAMP, -CLAMP).astype(np.float32)]),
        np.concatenate([veto[computed], ~same]),
    )


def _slices(length):
    return [slice(start, start + AT_ONCE) for start in range(0, max(length, 1), AT_ONCE)]


def weigh(specification, pairs):
    """Return (weight float32, veto mask, {comparison: Levels}) of pairs."""
    levels, said = _compared(specification, specification.comparisons, pairs)
    weight = said + np.float32(specification.weights.prior_of(pairs.frame.population))
    return weight, vetoed(specification, _codes(levels), len(pairs)), levels


def weigh_many(specification, frame, left, right, lowest):
    """Return (left, right, weight, veto, levels) of the pairs that weigh at least `lowest`, some at a time."""
    kept = [_weighed(specification, frame, left[at], right[at], lowest) for at in _slices(len(left))]
    found = (np.concatenate(parts) for parts in zip(*(part[:4] for part in kept), strict=True))
    levels = {
        compared.name: _joined([part[4][compared.name] for part in kept]) for compared in specification.comparisons
    }
    return *found, levels


def _weighed(specification, frame, left, right, lowest):
    """Return (left, right, weight, veto, levels) of the pairs that weigh enough."""
    first, others = specification.in_two()
    pairs = Pairs(frame, left, right)
    levels, said = _compared(specification, first, pairs)
    hopeful = np.flatnonzero(~specification.hopeless(pairs, said))
    left, right = left[hopeful], right[hopeful]
    levels = {name: found[hopeful] for name, found in levels.items()}
    further, said_further = _compared(specification, others, Pairs(frame, left, right))
    weight = said[hopeful] + said_further + np.float32(specification.weights.prior_of(frame.population))
    kept = np.flatnonzero(weight >= lowest)
    levels = {name: found[kept] for name, found in {**levels, **further}.items()}
    return left[kept], right[kept], weight[kept], vetoed(specification, _codes(levels), len(kept)), levels


def _compared(specification, comparisons, pairs):
    levels = {compared.name: compared(pairs) for compared in comparisons}
    weight = np.zeros(len(pairs), np.float32)
    for compared in comparisons:
        weight += specification.weights.of(compared, levels[compared.name])
    return levels, weight


def _codes(levels):
    return {name: found.codes for name, found in levels.items()}


def vetoed(specification, codes, length):
    """Return a mask: whether a comparison keeps the two of a pair apart. `codes`: {comparison: uint8 levels}."""
    veto = np.zeros(length, bool)
    for compared in specification.comparisons:
        for level in specification.vetoes.get(compared.name, ()):
            veto |= codes[compared.name] == 1 + compared.levels.index(level)
    return veto


def _joined(parts):
    return type(parts[0])(
        np.concatenate([part.codes for part in parts]), np.concatenate([part.rarity for part in parts])
    )
