"""Which record stays, and which values: what was picked, else what is proposed, else what the survivor has."""

from __future__ import annotations

from crm.access import access_of
from crm.merging.proposing import ANSWERED, BOUNCED, Proof, Side
from crm.merging.registry import Reached, proofs_of


def survivor_of(records):
    """Return the record whose id stays: the one made first."""
    return min(records, key=lambda record: (record.created_at, record.pk))


def is_fixed(field, model, user):
    """Whether a user may not pick a field: it is hidden from them, or read-only."""
    return not access_of(user).fixed(model._meta.label_lower).isdisjoint(field.rights_names)


def chosen(made, records, picks, by):
    """Return {key of a field: the record, or the part, whose value is kept}; None where there is no such part.

    `records`: the survivor first. Where the user may not pick, the survivor's value stays unless it has none.
    """
    by_id = {record.pk: place for place, record in enumerate(records)}
    parts = {one.key: primaries(one, records) for one in made.reached}
    known = proofs([one for one in made.reached if picks.get(one.key) not in by_id], parts, by)
    found = {}
    for field in made.fields:
        sides = sides_of(field, records, parts.get(field.key, {}), proofs=known.get(field.key))
        if is_fixed(field, made.model, by):
            place = next((place for place, side in enumerate(sides) if side.text), 0)
        elif picks.get(field.key) in by_id:
            place = by_id[picks[field.key]]
        else:
            place = field.propose(sides).place
        found[field.key] = _kept(field, sides[place])
    return found


def _kept(field, side):
    return side.value if isinstance(field, Reached) else side.record


def primaries(reached, records):
    """Return {id of a record: its primary part of a sort}."""
    whole = f"{records[0]._meta.model_name}_id"
    rows = reached.part.objects.of(*records).order_by("is_primary", "-pk")
    return {getattr(part, whole): part for part in rows}


def proofs(reached, parts, reader):
    """Return {key: {id of a part: Proof}}, the best of each. `parts`: {key: {id of a record: its part}}."""
    return {one.key: proofs_among(one.part, list(parts[one.key].values()), reader) for one in reached}


def proofs_among(part, rows, reader):
    """Return {id: Proof} of parts of one sort, what says most of each: a query or two for all of them."""
    found: dict[int, Proof] = {}
    for function in proofs_of(part) if rows else ():
        for pk, proof in function(rows, reader).items():
            if pk not in found or _outdoes(proof, found[pk]):
                found[pk] = proof
    return found


def _outdoes(proof, other):
    """Whether a proof says more than another: that it bounced says all."""
    return proof.rank == BOUNCED or (other.rank != BOUNCED and proof.rank > other.rank)


def sides_of(field, records, parts, *, names=None, since=None, proofs=None):
    """Return a Side for each record.

    `parts`: {id: primary part}. `names`: {column: {id: name}} of related records that the reader sees. `since`:
    {(id, column): when it was set}. `proofs`: {id of a part: Proof}.
    """
    return [_side(field, record, parts, names or {}, since or {}, proofs or {}) for record in records]


def _side(field, record, parts, names, since, proofs):
    if isinstance(field, Reached):
        part = parts.get(record.pk)
        proof = proofs.get(part.pk) if part else None
        return Side(record, part, str(part) if part else "", record.created_at, proof)
    values = tuple(getattr(record, record._meta.get_field(column).attname) for column in field.columns)
    text = field.shown(record) if field.shown else _in_words(field, record, values, names)
    set_at = max(since.get((record.pk, column), record.created_at) for column in field.columns)
    return Side(record, values[0] if len(values) == 1 else values, text, set_at)


def _in_words(field, record, values, names):
    column = record._meta.get_field(field.columns[0])
    value = values[0]
    if value in (None, ""):
        return ""
    if column.is_relation:
        return names.get(column.name, {}).get(value, f"#{value}")
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    return str(value)


class Known:
    """What is known to be right of some records, to tell which of them differ in it: a query or two a sort of part.

    What is hidden from the reader counts for nothing.
    """

    def __init__(self, made, records, reader):
        hidden = access_of(reader).hidden(made.model._meta.label_lower)
        self.lasting = [column for column in made.lasting if column not in hidden]
        reached = [one for one in made.reached if hidden.isdisjoint(one.rights_names) and proofs_of(one.part)]
        self.answered = [_answered(one, records, reader) for one in reached] if records else []

    def are_at_odds(self, records):
        """Whether these differ in a lasting value, or in ways of a sort by which they answered: of two records each
        has some, and they have none in common."""
        if any(_differ([getattr(record, column) for record in records]) for column in self.lasting):
            return True
        for answered in self.answered:
            each = [answered[record.pk] for record in records if record.pk in answered]
            if any(one.isdisjoint(other) for place, one in enumerate(each) for other in each[:place]):
                return True
        return False


def _differ(values):
    return len({value for value in values if value not in (None, "")}) > 1


def _answered(reached, records, reader):
    """Return {id of a record: the values by which somebody answered}."""
    whole = f"{records[0]._meta.model_name}_id"
    rows = list(reached.part.objects.of(*records))
    known = proofs_among(reached.part, rows, reader)
    found: dict[int, set] = {}
    for row in rows:
        if row.pk in known and known[row.pk].rank == ANSWERED:
            found.setdefault(getattr(row, whole), set()).add(tuple(getattr(row, name) for name in reached.same))
    return found
