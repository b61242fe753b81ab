"""`python -m bench.matching.with_splink PAIRS.csv FILE.csv [FILE2.csv]`: Splink 5 on DuckDB, set up with care, timed.

Texts are cleaned in SQL, legal forms and placeholders are cut off, frequent values count less, two names may stand in
each other's place, u is estimated from random pairs and m by expectation maximisation over several blocked fields, as
Splink's documentation advises. Columns that a file lacks are left out.
"""

import logging
import sys

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from bench.matching.clocked import Clock

LIKELY, CERTAIN = 0.001, 0.95
RANDOM_PAIRS = 1e6
RECALL = 0.6  # of the certain rules, a guess that Splink asks for
LEAST_FILLED = 0.02  # share of the records
LEGAL = "gmbh|inc|llc|ltd|limited|corp|corporation|co|ag|kg|sa|sarl|bv|ab|as|oy|srl|spa|plc|company|e k|eingetragen"
_TEXT = "nullif(trim(regexp_replace(lower(strip_accents({})), '[^a-z0-9]+', ' ', 'g')), '')"
TEXT = f"CASE WHEN {_TEXT} NOT IN ('n a', 'na', 'unknown', 'none', 'test', 'x', 'tbd') THEN {_TEXT} END"
NUMBER = "nullif(right(regexp_replace({}, '[^0-9]', '', 'g'), 9), '000000000')"
DIGITS = f"CASE WHEN length({NUMBER}) > 5 THEN {NUMBER} END"
CLEANED = {
    "given_name": TEXT, "family_name": TEXT, "full_name": TEXT, "job_title": TEXT, "city": TEXT, "state": TEXT,
    "company": f"nullif(trim(regexp_replace({TEXT}, '\\b({LEGAL})\\b', '', 'g')), '')",
    "street": TEXT, "house_number": TEXT, "postcode": "nullif(regexp_replace(lower({}), '[^a-z0-9]', '', 'g'), '')",
    "email": "nullif(lower(trim({})), '')", "phone": DIGITS, "mobile": DIGITS,
    "birth_date": "nullif(regexp_replace({}, '[^0-9]', '', 'g'), '')",
}  # fmt: skip
INITIALS = {"g1": ("given_name", 1), "g2": ("given_name", 2), "f1": ("family_name", 1), "f4": ("family_name", 4),
            "c5": ("company", 5), "s7": ("street", 7)}  # fmt: skip
RULES = (
    "email", "mobile", "phone g1", "phone f1", "names_sorted", "family_name c5", "given_name c5", "family_name domain",
    "f4 domain", "family_name postcode", "given_name postcode", "f4 company", "g1 f1 company", "g2 f4 city",
    "g2 f4 postcode", "g2 family_end", "g1 family_name", "street f4", "street g1", "birth_date", "family_name city",
    "given_name city",
)  # fmt: skip
COMPANY_RULES = ("phone", "email", "company", "c5 postcode", "c5 city", "street postcode", "street city", "s7 c5")
CERTAIN_RULES = ("email family_name", "given_name family_name postcode", "given_name family_name birth_date",
                 "given_name family_name company")  # fmt: skip
COMPANY_CERTAIN_RULES = ("company street", "company phone")
TRAINING = ("given_name family_name", "email", "mobile", "birth_date street")  # pairs that are mostly one person
COMPANY_TRAINING = ("company", "phone", "street postcode")


def main(out, *paths):
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    for place, path in enumerate(paths):
        connection.execute(f"CREATE TABLE given_{place} AS FROM read_csv(?, all_varchar=true)", [path])
    with Clock():
        filled = clean(connection, len(paths))
        pairs, clusters = found(connection, len(paths), filled)
    connection.execute(
        f"""COPY (SELECT p.id_l AS id_1, p.id_r AS id_2, p.match_probability AS score,
                CASE WHEN a.cluster_id = b.cluster_id THEN a.cluster_id END AS cluster
            FROM {pairs} p JOIN {clusters} a ON a.id = p.id_l JOIN {clusters} b ON b.id = p.id_r) TO '{out}' (HEADER)"""
    )


def clean(connection, files):
    """Make the tables cleaned_0, ... and return the columns that hold something."""
    written = {row[0] for place in range(files) for row in connection.execute(f"DESCRIBE given_{place}").fetchall()}
    for place in range(files):
        known = {name: sql for name, sql in CLEANED.items() if name in written}
        columns = ", ".join(f"{sql.replace('{}', name)} AS {name}" for name, sql in known.items())
        connection.execute(f"CREATE TABLE texts_{place} AS SELECT id, {columns} FROM given_{place}")
        parts = []
        if "full_name" in known and "given_name" not in known:
            parts += ["split_part(full_name, ' ', 1) AS given_name", "split_part(full_name, ' ', -1) AS family_name"]
        connection.execute(
            f"CREATE TABLE parted_{place} AS SELECT *, {', '.join(parts) or 'NULL AS nothing'} FROM texts_{place}"
        )
        have = {row[0] for row in connection.execute(f"DESCRIBE parted_{place}").fetchall()}
        short = [f"left({name}, {length}) AS {key}" for key, (name, length) in INITIALS.items() if name in have]
        if "email" in have:
            short += ["split_part(email, '@', 1) AS local", "split_part(email, '@', 2) AS domain"]
        if {"given_name", "family_name"} <= have:
            short += ["given_name || ' ' || family_name AS both_names", "right(family_name, 4) AS family_end"]
            short.append("least(given_name, family_name) || greatest(given_name, family_name) AS names_sorted")
        if {"phone", "mobile"} <= have:
            short.append("list_distinct(list_filter([phone, mobile], lambda x: x IS NOT NULL)) AS numbers")
        connection.execute(f"CREATE TABLE cleaned_{place} AS SELECT *, {', '.join(short)} FROM parted_{place}")
    shares = {
        name: connection.execute(f"SELECT count({name}) / count(*) FROM cleaned_0").fetchone()[0] for name in have
    }
    keys = [row[0] for row in connection.execute("DESCRIBE cleaned_0").fetchall()]
    return {name for name in keys if shares.get(name, 1) >= LEAST_FILLED}


def found(connection, files, filled):
    """Return the names of the tables of pairs and of clusters."""
    people = "family_name" in filled
    interface = DuckDBAPI(connection=connection)
    tables = [interface.register(f"cleaned_{place}") for place in range(files)]
    settings = SettingsCreator(
        link_type="link_only" if files > 1 else "dedupe_only",
        unique_id_column_name="id",
        comparisons=comparisons(filled),
        blocking_rules_to_generate_predictions=rules(RULES if people else COMPANY_RULES, filled),
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    linker = Linker(tables if files > 1 else tables[0], settings)
    certain = rules(CERTAIN_RULES if people else COMPANY_CERTAIN_RULES, filled)
    linker.training.estimate_probability_two_random_records_match(certain, recall=RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
    for rule in rules(TRAINING if people else COMPANY_TRAINING, filled):
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        except Exception as error:  # Splink raises several kinds where a rule finds no pairs to learn from
            print(f"not trained by {rule}: {str(error)[:90]}", file=sys.stderr)
    pairs = linker.inference.predict(threshold_match_probability=LIKELY)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, CERTAIN)
    return pairs.physical_name, clusters.physical_name


def rules(names, filled):
    """Return the blocking rules whose columns hold something."""
    return [block_on(*rule.split()) for rule in names if set(rule.split()) <= filled]


def comparisons(filled):
    often = {"term_frequency_adjustments": True}
    each = {
        "email": cl.CustomComparison(email_levels(), output_column_name="email"),
        "state": cl.ExactMatch("state"),
        "job_title": cl.ExactMatch("job_title").configure(**often),
        "birth_date": cl.DamerauLevenshteinAtThresholds("birth_date", [1, 2]),
        "family_name": cl.CustomComparison(name_levels(), output_column_name="names"),
    }
    if "family_name" not in filled:
        each["company"] = cl.JaroWinklerAtThresholds("company", [0.93, 0.85]).configure(**often)
    if "street" not in filled:
        each["city"] = cl.ExactMatch("city").configure(**often)
    elif {"family_name", "company"} <= filled:
        each["company"] = cl.CustomComparison(work_levels(filled), output_column_name="work")
    else:
        each["street"] = cl.CustomComparison(place_levels(filled), output_column_name="place")
    found = [comparison for name, comparison in each.items() if name in filled]
    if "numbers" in filled:
        found.append(cl.CustomComparison(number_levels(), output_column_name="numbers"))
    elif "phone" in filled:
        found.append(cl.DamerauLevenshteinAtThresholds("phone", [1]).configure(**often))
    return found


def name_levels():
    """Both names as one comparison, so that a swap is seen and a wholly other given name outweighs the family's."""
    same_family = cll.ExactMatchLevel("family_name", term_frequency_adjustments=True)
    near_family = cll.JaroWinklerLevel("family_name", 0.9)
    return [
        cll.Or(cll.NullLevel("given_name"), cll.NullLevel("family_name")).configure(is_null_level=True),
        cll.ExactMatchLevel("both_names", term_frequency_adjustments=True),
        cll.ColumnsReversedLevel("given_name", "family_name", symmetrical=True),
        cll.And(cll.JaroWinklerLevel("given_name", 0.9), same_family),
        cll.And(cll.ExactMatchLevel("given_name"), near_family),
        cll.And(cll.JaroWinklerLevel("given_name", 0.88), near_family),
        cll.And(cll.ExactMatchLevel("g1"), same_family),
        cll.And(cll.ExactMatchLevel("g1"), near_family),
        same_family,
        cll.ExactMatchLevel("given_name", term_frequency_adjustments=True),
        cll.ElseLevel(),
    ]


def email_levels():
    return [
        cll.NullLevel("email"),
        cll.ExactMatchLevel("email", term_frequency_adjustments=True),
        cll.JaroWinklerLevel("email", 0.95),
        cll.ExactMatchLevel("local", term_frequency_adjustments=True),
        cll.ElseLevel(),
    ]


def place_levels(filled):
    """Street, postcode and city as one comparison: they say one thing."""
    fine = [name for name in ("postcode", "city") if name in filled]
    return [
        cll.And(*map(cll.NullLevel, ["street", *fine])).configure(is_null_level=True),
        cll.And(cll.ExactMatchLevel("street", term_frequency_adjustments=True), *map(cll.ExactMatchLevel, fine[:1])),
        cll.JaroWinklerLevel("street", 0.92),
        *(cll.ExactMatchLevel(name, term_frequency_adjustments=True) for name in fine),
        *(cll.LevenshteinLevel(name, 1) for name in fine),
        cll.ElseLevel(),
    ]


def work_levels(filled):
    """Where people work as one comparison: colleagues share all of it."""
    often = {"term_frequency_adjustments": True}
    return [
        cll.And(cll.NullLevel("company"), cll.NullLevel("street")).configure(is_null_level=True),
        cll.And(cll.ExactMatchLevel("street", **often), cll.ExactMatchLevel("company")),
        cll.ExactMatchLevel("street", **often),
        cll.ExactMatchLevel("company", **often),
        cll.JaroWinklerLevel("street", 0.92),
        cll.JaroWinklerLevel("company", 0.92),
        *(cll.ExactMatchLevel(name) for name in ("postcode", "city") if name in filled),
        cll.ElseLevel(),
    ]


def number_levels():
    """Mobile and phone as one comparison: they are written into each other's field."""
    return [
        cll.And(cll.NullLevel("phone"), cll.NullLevel("mobile")).configure(is_null_level=True),
        cll.ExactMatchLevel("mobile", term_frequency_adjustments=True),
        cll.ExactMatchLevel("phone", term_frequency_adjustments=True),
        cll.ArrayIntersectLevel("numbers", min_intersection=1),
        cll.Or(cll.LevenshteinLevel("mobile", 1), cll.LevenshteinLevel("phone", 1)),
        cll.ElseLevel(),
    ]


if __name__ == "__main__":
    main(*sys.argv[1:])
