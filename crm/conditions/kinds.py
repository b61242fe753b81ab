"""The kinds of values one can ask by: their operators, and the SQL of each.

Every condition is true or false and never NULL, so that its opposite is exactly the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, Lookup, OuterRef, Q, Value
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    IExact,
    In,
    IsNull,
    IStartsWith,
    LessThan,
    LessThanOrEqual,
)
from django.utils.translation import gettext_lazy as _

from crm import parsing
from crm.conditions import operands


@dataclass(frozen=True)
class Operator:
    """What can be asked: its words ("%s" where the value stands, else after them), what stands behind it, and the
    operator it is the opposite of, if it is one. `label`: its words in a menu."""

    words: Any
    operand: Any
    negates: str = ""
    label: Any = ""

    @property
    def menu_label(self):
        return str(self.label or self.words).replace("%s", "…")


NOTHING = operands.Nothing()
EMPTY = {
    "filled": Operator(_("is filled in"), NOTHING),
    "empty": Operator(_("is empty"), NOTHING, negates="filled"),
}


class Kind:
    """A kind of value. Subclasses give `operators` and the condition of those that are no opposite of another.

    `expression` is resolved on the record; `nothing` is the value that stands for none where it is never NULL.
    """

    operators: dict[str, Operator] = {}

    def condition(self, op, value, expression, asker, nothing=None):
        """Return the Q of one operator over a value that `parse` has taken."""
        if op == "filled":
            return self.filled(expression, nothing)
        return self.filled(expression, nothing) & self.compared(op, value, expression, asker)

    def filled(self, expression, nothing):
        return ~Q(IsNull(expression, True)) if nothing is None else ~Q(Exact(expression, nothing))

    def compared(self, op, value, expression, asker):
        raise NotImplementedError


class Text(Kind):
    """Words, compared without regard to case. The expression is never NULL; "" is none."""

    operators = {
        "contains": Operator(_("contains"), operands.Words()),
        "contains_not": Operator(_("does not contain"), operands.Words(), negates="contains"),
        "is": Operator(_("is"), operands.Words()),
        "is_not": Operator(_("is not"), operands.Words(), negates="is"),
        "begins": Operator(_("begins with"), operands.Words()),
        **EMPTY,
    }
    lookups = {"contains": IContains, "is": IExact, "begins": IStartsWith}

    def filled(self, expression, nothing):
        return ~Q(Exact(expression, Value("")))

    def compared(self, op, value, expression, asker):
        return Q(self.lookups[op](expression, value))


class Number(Kind):
    operators = {
        "is": Operator(_("is"), operands.Amount()),
        "is_not": Operator(_("is not"), operands.Amount(), negates="is"),
        "more": Operator(_("is more than"), operands.Amount()),
        "less": Operator(_("is less than"), operands.Amount()),
        "at_least": Operator(_("is at least"), operands.Amount()),
        "at_most": Operator(_("is at most"), operands.Amount()),
        "between": Operator(_("is between"), operands.Between()),
        **EMPTY,
    }
    lookups = {
        "is": Exact,
        "more": GreaterThan,
        "less": LessThan,
        "at_least": GreaterThanOrEqual,
        "at_most": LessThanOrEqual,
    }

    def compared(self, op, value, expression, asker):
        if op == "between":
            low, high = value
            return self.compared("at_least", low, expression, asker) & self.compared("at_most", high, expression, asker)
        return Q(self.lookups[op](expression, exact_number(value)))


def exact_number(text):
    """Return a number as the database compares it, digit by digit."""
    return Value(Decimal(text), output_field=DecimalField())


class Money(Kind):
    """Amounts of one currency are compared with amounts of that currency alone. `currency`: where it stands."""

    operators = {
        **{
            op: Operator(one.words, operands.Sum(), one.negates)
            for op, one in Number.operators.items()
            if op != "between"
        },
        **EMPTY,
    }

    def __init__(self, currency):
        self.currency = currency

    def compared(self, op, value, expression, asker):
        same = Q(Exact(self.currency, Value(value["currency"])))
        return same & Q(Number.lookups[op](expression, exact_number(value["amount"])))


DATED = {
    "in_last": Operator(_("in the last %s"), operands.Whole(), label=_("in the last … days")),
    "not_in_last": Operator(
        _("not in the last %s"), operands.Whole(), negates="in_last", label=_("not in the last … days")
    ),
    "in_next": Operator(_("in the next %s"), operands.Whole(), label=_("in the next … days")),
    "within": Operator("", operands.Period(), label=_("is")),
    "on": Operator(_("on"), operands.Day()),
    "before": Operator(_("before"), operands.Day()),
    "after": Operator(_("after"), operands.Day()),
    **EMPTY,
}


class Day(Kind):
    """A date; "today" is the asker's."""

    operators = DATED

    def compared(self, op, value, expression, asker):
        first, last = span(op, value, asker.today)
        lower = Q(GreaterThanOrEqual(expression, first)) if first else Q()
        return lower & (Q(LessThanOrEqual(expression, last)) if last else Q())


class Moment(Kind):
    """A point in time. Days are those of the asker's zone; the last and the next days end and begin now."""

    operators = DATED

    def compared(self, op, value, expression, asker):
        first, last = span(op, value, asker.today)
        lower = asker.now if op == "in_next" else first and asker.start(first)
        found = Q(GreaterThanOrEqual(expression, lower)) if lower else Q()
        if op == "in_last":
            return found & Q(LessThanOrEqual(expression, asker.now))
        return found & (Q(LessThan(expression, asker.start(last + timedelta(days=1)))) if last else Q())


def span(op, value, today):
    """Return the first and the last day an operator speaks of, None for an end that is open."""
    if op in ("in_last", "in_next"):
        distance = timedelta(days=value)
        return (today - distance, today) if op == "in_last" else (today, today + distance)
    if op == "within":
        return period(value, today)
    day = parsing.day(value)
    return {"on": (day, day), "before": (None, day - timedelta(days=1)), "after": (day + timedelta(days=1), None)}[op]


NEAR = {"today": 0, "yesterday": -1, "tomorrow": 1}
STEPS = {"last": -1, "this": 0, "next": 1}


def period(name, today):
    """Return the first and the last day of "last_week", "this_quarter"; weeks begin on Monday."""
    if name in NEAR:
        day = today + timedelta(days=NEAR[name])
        return day, day
    step, _dash, unit = name.partition("_")
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=STEPS[step])
        return monday, monday + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    number = today.year * 12 + today.month - 1
    first = number - number % months + STEPS[step] * months
    return _month(first), _month(first + months) - timedelta(days=1)


def _month(number):
    return date(number // 12, number % 12 + 1, 1)


class Choice(Kind):
    """One of some choices. `choices`: [(value, label)], or a function of the asker that gives them."""

    def __init__(self, choices, *, optional=False):
        listed = choices if callable(choices) else lambda asker: choices
        picks = self.picks(listed)
        self.operators = {
            "any_of": Operator(_("is"), picks, label=_("is any of")),
            "none_of": Operator(_("is not"), picks, negates="any_of", label=_("is none of")),
            **(EMPTY if optional else {}),
        }

    def picks(self, choices):
        return operands.Picks(choices)

    def filled(self, expression, nothing):
        present = super().filled(expression, None)
        return present if nothing is None else present & super().filled(expression, nothing)

    def compared(self, op, value, expression, asker):
        return Q(In(expression, value))


class Person(Choice):
    """A colleague: me, nobody, or by id."""

    def __init__(self):
        super().__init__(())

    def picks(self, choices):
        return operands.Colleagues()

    def condition(self, op, value, expression, asker, nothing=None):
        ids = [asker.user.pk if one == "me" else int(one) for one in value if one != "nobody"]
        found = ~Q(IsNull(expression, True)) & Q(In(expression, ids)) if ids else Q(pk__in=[])
        return found | Q(IsNull(expression, True)) if "nobody" in value else found


class Team(Choice):
    def __init__(self):
        super().__init__((), optional=True)

    def picks(self, choices):
        return operands.Teams()

    def compared(self, op, value, expression, asker):
        return Q(In(expression, [int(one) for one in value]))


class Boolean(Kind):
    """Yes or no. The expression is a condition that is never unknown (Exists, a lookup), or a value that may be."""

    operators = {"yes": Operator(_("is so"), NOTHING), "no": Operator(_("is not so"), NOTHING, negates="yes")}

    def __init__(self, yes="", no=""):
        if yes:
            self.operators = {"yes": Operator(yes, NOTHING), "no": Operator(no, NOTHING, negates="yes")}

    def condition(self, op, value, expression, asker, nothing=None):
        if isinstance(expression, Exists | Lookup):
            return Q(expression)
        return super().condition("is", value, expression, asker)

    def compared(self, op, value, expression, asker):
        return Q(Exact(expression, Value(True)))


class Reference(Kind):
    """Another record, by id. One that the asker may not see counts as none. `attribute`: the foreign key's name."""

    def __init__(self, model, *, attribute, url, placeholder=""):
        self.model, self.attribute = model, attribute
        chosen = operands.OneRecord(model, url, placeholder)
        self.operators = {
            "is": Operator(_("is"), chosen),
            "is_not": Operator(_("is not"), chosen, negates="is"),
            **EMPTY,
        }

    def condition(self, op, value, expression, asker, nothing=None):
        if op == "is":
            return super().condition(op, value, expression, asker)
        return Q(Exists(self.model.objects.visible_to(asker.user).filter(pk=OuterRef(self.attribute))))

    def compared(self, op, value, expression, asker):
        return Q(Exact(expression, value))


class Tags(Kind):
    """Words in an array column, named by the expression, which is an F."""

    operators = {
        "any_of": Operator(_("include"), operands.Labels(), label=_("include any of")),
        "all_of": Operator(_("include"), operands.Labels(_("%(first)s and %(last)s")), label=_("include all of")),
        "none_of": Operator(_("do not include"), operands.Labels(), negates="any_of"),
        "filled": Operator(_("are filled in"), NOTHING),
        "empty": Operator(_("are empty"), NOTHING, negates="filled"),
    }

    def filled(self, expression, nothing):
        return Q(**{f"{expression.name}__len__gt": 0})

    def compared(self, op, value, expression, asker):
        lookup = "contains" if op == "all_of" else "overlap"
        return Q(**{f"{expression.name}__{lookup}": value})
