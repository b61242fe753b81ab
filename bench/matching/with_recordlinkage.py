"""`python -m bench.matching.with_recordlinkage PAIRS.csv FILE.csv [FILE2.csv]`: its ECM classifier, timed.

Cleaned texts, blocks on names, e-mail, phones and postcode, Jaro-Winkler cut to agree or not, expectation-conditional
maximisation without labels (recordlinkage's ECMClassifier), clusters as connected components.
"""

import sys
from functools import reduce

import numpy as np
import pandas as pd
import recordlinkage
from recordlinkage.preprocessing import clean
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bench.matching.clocked import Clock

BLOCKS = (
    ("email",), ("mobile",), ("phone",), ("given_name", "family_name"), ("family_name", "postcode"),
    ("family_name", "company"), ("given_name", "company"), ("given_name", "postcode"), ("street", "postcode"),
    ("birth_date",),
)  # fmt: skip
COMPANY_BLOCKS = (("phone",), ("company",), ("street", "city"), ("street", "postcode"))
ALIKE = {"given_name": 0.88, "family_name": 0.88, "company": 0.9, "street": 0.9, "city": 0.9, "email": 0.95}
EXACT = ("phone", "mobile", "postcode", "birth_date", "job_title")
LEAST_FILLED = 0.02


def main(out, *paths):
    frames = [pd.read_csv(path, dtype=str, keep_default_na=False).set_index("id", drop=False) for path in paths]
    with Clock():
        cleaned = [clean_columns(frame) for frame in frames]
        found = pairs(cleaned)
        labels = clusters(found[found >= 0.5].index, pd.concat(frames)["id"])
    left, right = found.index.get_level_values(0), found.index.get_level_values(1)
    table = pd.DataFrame({"id_1": left, "id_2": right, "score": found.to_numpy()})
    one, two = labels.loc[left].to_numpy(), labels.loc[right].to_numpy()
    table["cluster"] = np.where(one == two, one.astype(str), "")
    table.to_csv(out, index=False)


def clean_columns(frame):
    """Return the columns that hold something, in lower case, None where nothing stands."""
    kept = {}
    for name in {*ALIKE, *EXACT, "full_name"} & set(frame.columns):
        digits = name in {"phone", "mobile", "birth_date"}
        texts = (
            frame[name].str.replace(r"[^0-9]", "", regex=True).str[-9:]
            if digits
            else clean(frame[name], remove_brackets=False)
        )
        kept[name] = texts.where(texts.str.len() > 0, None)
    if "full_name" in kept and "given_name" not in kept:
        words = kept.pop("full_name").str.split()
        kept["given_name"], kept["family_name"] = words.str[0], words.str[-1]
    return pd.DataFrame({name: texts for name, texts in kept.items() if texts.notna().mean() >= LEAST_FILLED})


def pairs(frames):
    """Return the probability of each pair of a block, by the ids of the pair."""
    indexes = []
    for columns in BLOCKS if "family_name" in frames[0] else COMPANY_BLOCKS:
        if set(columns) <= set(frames[0]):
            held = [frame.dropna(subset=list(columns)) for frame in frames]
            indexes.append(recordlinkage.index.Block(list(columns)).index(*held))
    index = reduce(lambda one, two: one.union(two), indexes)
    compare = recordlinkage.Compare()
    for name in frames[0]:
        if name in ALIKE:
            compare.string(name, name, method="jarowinkler", threshold=ALIKE[name], label=name)
        elif name in EXACT:
            compare.exact(name, name, label=name)
    features = compare.compute(index, *frames)
    features = features.loc[:, features.nunique() > 1]
    learner = recordlinkage.ECMClassifier()
    learner.fit(features)
    return learner.prob(features)


def clusters(linked, ids):
    """Return the cluster of every id: a connected component."""
    places = pd.Series(np.arange(len(ids)), index=ids.to_numpy())
    left, right = (places.loc[linked.get_level_values(side)].to_numpy() for side in (0, 1))
    links = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(len(ids), len(ids)))
    return pd.Series(connected_components(links, directed=False)[1], index=ids.to_numpy())


if __name__ == "__main__":
    main(*sys.argv[1:])
