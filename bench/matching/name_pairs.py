"""`python -m bench.matching.name_pairs`: how often names alone tell whether two are one, on pairs labelled by hand."""

from bench.matching.sets import directory, rows
from contacts.matching import name_comparisons
from contacts.matching.companies import COMPANY
from contacts.matching.companies import name as company_name
from contacts.matching.people import PERSON
from crm.matching.comparing import Pairs

KINDS = (
    ("Person", PERSON, "full_name", name_comparisons.COMPARISONS),
    ("Company", COMPANY, "company", (company_name,)),
)


def show():
    """Print a line for people and one for companies: precision, recall and accuracy at p >= .5."""
    pairs = list(rows(directory() / "name_pairs.csv"))
    for kind, specification, column, comparisons in KINDS:
        asked = [row for row in pairs if row["schema"] == kind]
        same = [row["is_match"] == "true" for row in asked]
        said = [weight > 0 for weight in weights(specification, column, comparisons, asked).tolist()]
        both = sum(one and two for one, two in zip(same, said, strict=True))
        right = sum(one == two for one, two in zip(same, said, strict=True))
        quality = f"precision {both / sum(said):.3f}, recall {both / sum(same):.3f}, right {right / len(asked):.3f}"
        print(f"name_pairs, {kind}: {len(asked)} pairs, {quality}")


def weights(specification, column, comparisons, asked):
    """Return the log odds of each pair in a list of a thousand in which nothing but names stands."""
    texts = [row["name1"] for row in asked] + [row["name2"] for row in asked]
    frame = specification.standardise({column: [texts]})
    places = range(len(asked))
    left, right = [*places], [len(asked) + place for place in places]
    compared = Pairs(frame, left, right)
    prior = specification.weights.prior_of(frame.population)
    return prior + sum(specification.weights.of(each, each(compared)) for each in comparisons)


if __name__ == "__main__":
    show()
