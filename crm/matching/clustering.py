"""From weighted pairs to clusters, so that one bad link does not chain strangers together.

Inside each component of likely pairs, groups are joined as long as the average weight over *all* pairs between two
groups is positive (average linkage; Hastie et al., The Elements of Statistical Learning, 14.3.12). A pair that shares
no block counts as UNLISTED; a vetoed pair keeps its two groups apart for good.
"""

import heapq

import numpy as np

UNLISTED = -1.0  # log odds of a pair inside a component that no key brought together


def clusters(size, left, right, weight, veto=None):
    """Return int32 labels of `size` records: two records with one label are one person.

    `left`, `right`: places of the pairs; `weight`: their log odds; `veto`: mask of pairs that are never one.
    """
    veto = np.zeros(len(left), bool) if veto is None else veto
    likely = (weight > 0) & ~veto
    labels = connected(size, left[likely], right[likely])
    large = np.bincount(labels)[labels] > 2
    inside = large[left] & (labels[left] == labels[right])
    following = labels.max(initial=-1) + 1
    components = _components(labels, np.flatnonzero(large), np.flatnonzero(inside), left) if large.any() else ()
    for members, pairs in components:
        found = agglomerated(members, left[pairs], right[pairs], weight[pairs], veto[pairs])
        for group in found[1:]:
            labels[group] = following
            following += 1
    return labels


def connected(size, left, right):
    """Return a label for each of `size` records, the same for those that links connect: the least place among them.

    Labels run along the links and are looked up in one another until nothing changes (Shiloach and Vishkin, 1982).
    """
    labels = np.arange(size)
    while True:
        least = np.minimum(labels[left], labels[right])
        lower = labels.copy()
        np.minimum.at(lower, left, least)
        np.minimum.at(lower, right, least)
        lower = lower[lower]
        if np.array_equal(lower, labels):
            return labels
        labels = lower


def _components(labels, records, pairs, left):
    records = records[np.argsort(labels[records], kind="stable")]
    pairs = pairs[np.argsort(labels[left[pairs]], kind="stable")]
    names, starts = np.unique(labels[records], return_index=True)
    pair_starts = np.searchsorted(labels[left[pairs]], names)
    ends, pair_ends = np.append(starts[1:], len(records)), np.append(pair_starts[1:], len(pairs))
    for start, end, pair_start, pair_end in zip(starts, ends, pair_starts, pair_ends, strict=True):
        yield records[start:end].tolist(), pairs[pair_start:pair_end]


def agglomerated(members, left, right, weight, veto):
    """Return the members of one component as lists, one a cluster."""
    groups = {member: [member] for member in members}
    between = {member: {} for member in members}  # {group: {other group: (sum of weights, pairs listed, vetoed)}}
    for one, two, value, vetoed in zip(left.tolist(), right.tolist(), weight.tolist(), veto.tolist(), strict=True):
        between[one][two] = between[two][one] = (value, 1, vetoed)
    queue = [
        (-value, one, two)
        for one, others in between.items()
        for two, (value, _listed, vetoed) in others.items()
        if one < two and value > 0 and not vetoed
    ]
    heapq.heapify(queue)
    following = max(members) + 1
    while queue:
        _value, one, two = heapq.heappop(queue)
        if one in groups and two in groups:
            _join(groups, between, queue, (one, two), following)
            following += 1
    return list(groups.values())


def _join(groups, between, queue, pair, name):
    one, two = pair
    groups[name] = groups.pop(one) + groups.pop(two)
    first, second = between.pop(one), between.pop(two)
    between[name] = {}
    for other in (first.keys() | second.keys()) - {one, two}:
        total, listed, vetoed = map(_added, first.get(other, _NOTHING), second.get(other, _NOTHING))
        between[other].pop(one, None)
        between[other].pop(two, None)
        between[name][other] = between[other][name] = (total, listed, vetoed)
        all_pairs = len(groups[name]) * len(groups[other])
        average = (total + (all_pairs - listed) * UNLISTED) / all_pairs
        if average > 0 and not vetoed:
            heapq.heappush(queue, (-average, min(name, other), max(name, other)))


_NOTHING = (0.0, 0, False)


def _added(one, two):
    return one + two
