"""A value for every operand, so that tests can go through all that is registered."""

from crm.conditions import fields, operands


def value_of(operator, asker, records):
    """Return a value that an operator takes. `records`: {model: id} for those that ask for a record."""
    operand = operator.operand
    if isinstance(operand, operands.OneRecord):
        return records[operand.model]
    if isinstance(operand, operands.Colleagues):
        return ["me"]
    if isinstance(operand, operands.Labels):
        return ["vip"]
    if isinstance(operand, operands.Picks):
        return [str(key) for key, _label in operand.choices(asker)][:2]
    found = {
        operands.Nothing: None,
        operands.Words: "tag4",
        operands.Amount: "12.5",
        operands.Between: ["1", "20"],
        operands.Whole: 30,
        operands.Day: "2026-11-01",
        operands.Period: "this_week",
        operands.Sum: {"amount": "12.50", "currency": "EUR"},
    }
    return found[type(operand)]


def leaves(kind, asker, records):
    """Yield a condition for each operator of each field of a kind."""
    for field in fields.fields_of(kind).values():
        for op, operator in field.operators.items():
            value = value_of(operator, asker, records)
            if value != []:
                yield {"field": field.id, "op": op, "value": value}


def related(kind):
    """Yield conditions on each relation of a kind, alone and with the days."""
    for relation in fields.relations_of(kind).values():
        for op, count in (("has", None), ("has_not", None), ("at_least", 3), ("at_most", 2)):
            for days in (None, 30) if relation.date else (None,):
                found = {"relation": relation.id, "op": op, "count": count, "within_days": days}
                yield {key: value for key, value in found.items() if value is not None}
