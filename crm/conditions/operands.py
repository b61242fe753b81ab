"""What stands behind an operator: how it is kept as JSON, read from a form, shown in one, and said."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import parsing
from crm.choices import Picker
from crm.models import Team, User
from crm.parsing import BadInput

LONGEST_TEXT = 200
MOST_PICKS = 60
MOST_DAYS = 3660
MOST_COUNT = 1000
DIGITS, PLACES = 20, 6
FEW = 7
"""So many choices are boxes; more are a list to search."""


class Nothing:
    """An operator that needs nothing: "is empty"."""

    def parse(self, value):
        """Return the value in its one form for JSON. Raises BadInput."""
        if value not in (None, "", []):
            raise BadInput(_("Nothing stands behind this."))
        return None

    def read(self, data, name):
        """Return what a form has sent under a name, as it would stand in JSON, right or wrong."""
        return None

    def widgets(self, name, value, asker):
        """Return [(widget, name, value, label)] that ask for it."""
        return []

    def problem(self, value, asker):
        """Return why this asker cannot ask by the value any more, or ""."""
        return ""

    def said(self, value, asker):
        """Return the value in words."""
        return ""


class Words(Nothing):
    def parse(self, value):
        return parsing.words(_plain(value), longest=LONGEST_TEXT)

    def read(self, data, name):
        return data.get(name, "")

    def widgets(self, name, value, asker):
        return [(forms.TextInput({"maxlength": LONGEST_TEXT}), name, value, _("Value"))]

    def said(self, value, asker):
        return f"“{value}”"


def _plain(value):
    """Return a number or a text of JSON as text. Raises BadInput for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal, type(None))):
        raise BadInput(_("That is not a value."))
    return "" if value is None else str(value)


class Amount(Words):
    """A number, kept as text so that no digit is lost."""

    def parse(self, value):
        found = parsing.number(_plain(value), digits=DIGITS, places=PLACES)
        return format(found.normalize(), "f") if found else "0"

    def widgets(self, name, value, asker):
        return [(forms.TextInput({"inputmode": "decimal", "maxlength": 40}), name, value, _("Number"))]

    def said(self, value, asker):
        return number_format(Decimal(value), force_grouping=True)


class Whole(Words):
    """A whole number of days, at least one."""

    most = MOST_DAYS

    def parse(self, value):
        return parsing.whole(_plain(value), low=1, high=self.most)

    def widgets(self, name, value, asker):
        return [(forms.NumberInput({"min": 1, "max": self.most}), name, value, _("Days"))]

    def said(self, value, asker):
        return _("%d days") % value if value != 1 else _("day")


class Day(Words):
    def parse(self, value):
        return parsing.day(_plain(value)).isoformat()

    def widgets(self, name, value, asker):
        return [(forms.DateInput({"type": "date"}), name, value, _("Day"))]

    def said(self, value, asker):
        return date_format(parsing.day(value), "j M Y")


class Between(Nothing):
    """Two numbers, the lower first."""

    def parse(self, value):
        if not isinstance(value, list) or len(value) != 2:
            raise BadInput(_("Two numbers are needed."))
        low, high = (Amount().parse(one) for one in value)
        if Decimal(low) > Decimal(high):
            raise BadInput(_("The first number is larger than the second."))
        return [low, high]

    def read(self, data, name):
        return [data.get(name, ""), data.get(f"{name}.to", "")]

    def widgets(self, name, value, asker):
        low, high = value if isinstance(value, list) and len(value) == 2 else ("", "")
        asks = forms.TextInput({"inputmode": "decimal", "maxlength": 40})
        return [(asks, name, low, _("From")), (asks, f"{name}.to", high, _("To"))]

    def said(self, value, asker):
        return _("%(low)s and %(high)s") % {
            "low": Amount().said(value[0], asker),
            "high": Amount().said(value[1], asker),
        }


class Picks(Nothing):
    """Some of the choices. `choices(asker)` gives [(value, label)]."""

    gone = gettext_lazy("One of the choices is gone.")
    joined = gettext_lazy("%(first)s or %(last)s")

    def __init__(self, choices):
        self.choices = choices

    def parse(self, value):
        values = value if isinstance(value, list) else [value]
        if not values or len(values) > MOST_PICKS:
            raise BadInput(_("Choose one at least."))
        return sorted({parsing.words(_plain(one), longest=100) for one in values})

    def read(self, data, name):
        return data.getlist(name)[: MOST_PICKS + 1]

    def known(self, value, asker):
        """Return {value: label} of those picked that there are."""
        choices = {str(key): label for key, label in self.choices(asker)}
        return {one: str(choices[one]) for one in value if one in choices}

    def problem(self, value, asker):
        return "" if len(self.known(value, asker)) == len(value) else str(self.gone)

    def said(self, value, asker):
        known = self.known(value, asker)
        return either([known.get(one, _("a choice that is gone")) for one in value], self.joined)

    def widgets(self, name, value, asker):
        choices = [(str(key), label) for key, label in self.choices(asker)]
        chosen = [str(one) for one in (value if isinstance(value, list) else [value]) if one is not None]
        choices += [one for one in self.known(chosen, asker).items() if one[0] not in dict(choices)]
        if len(choices) <= FEW:
            return [(forms.CheckboxSelectMultiple(choices=choices), name, chosen, _("Choices"))]
        attrs = {"data-picker": "", "data-placeholder": _("Choose")}
        return [(forms.SelectMultiple(attrs, choices=choices), name, chosen, _("Choices"))]


def either(words, joined):
    """Return "A, B or C"."""
    if len(words) < 2:
        return "".join(words)
    return str(joined) % {"first": ", ".join(words[:-1]), "last": words[-1]}


class Colleagues(Picks):
    """Me, nobody, or colleagues by id; of very many only those chosen are asked for by name."""

    gone = gettext_lazy("A colleague is gone.")

    def __init__(self):
        super().__init__(lambda asker: [*OF_USERS, *((user.pk, user.get_full_name()) for user in _users())])

    def known(self, value, asker):
        fixed = {key: str(label) for key, label in OF_USERS}
        ids = [int(one) for one in value if one.isascii() and one.isdecimal() and len(one) < 10]
        named = {str(user.pk): user.get_full_name() for user in User.objects.filter(pk__in=ids)} if ids else {}
        return {one: {**fixed, **named}[one] for one in value if one in fixed or one in named}


OF_USERS = (("me", gettext_lazy("me")), ("nobody", gettext_lazy("nobody")))


def _users():
    return User.objects.filter(is_active=True).order_by("given_name", "family_name", "pk")


class Teams(Picks):
    gone = gettext_lazy("A team is gone.")

    def __init__(self):
        super().__init__(lambda asker: Team.objects.order_by("name").values_list("pk", "name"))


class Labels(Picks):
    """Words that are tags; any are possible."""

    def __init__(self, joined=None):
        super().__init__(lambda asker: ())
        self.joined = joined or self.joined

    def parse(self, value):
        found = super().parse(value)
        if any(len(word) > 40 for word in found):
            raise BadInput(_("At most %(longest)d characters.") % {"longest": 40})
        return found

    def read(self, data, name):
        return [word for word in map(str.strip, data.get(name, "").split(",")) if word][: MOST_PICKS + 1]

    def known(self, value, asker):
        return {one: one for one in value}

    def widgets(self, name, value, asker):
        words = ", ".join(map(str, value)) if isinstance(value, list) else ""
        attrs = {"data-words": "", "maxlength": 1000, "placeholder": _("Tags, with commas")}
        return [(forms.TextInput(attrs), name, words, _("Tags"))]


class Period(Words):
    """One of a few stretches of days around today."""

    choices = (
        ("today", gettext_lazy("today")),
        ("yesterday", gettext_lazy("yesterday")),
        ("tomorrow", gettext_lazy("tomorrow")),
        ("this_week", gettext_lazy("this week")),
        ("last_week", gettext_lazy("last week")),
        ("next_week", gettext_lazy("next week")),
        ("this_month", gettext_lazy("this month")),
        ("last_month", gettext_lazy("last month")),
        ("next_month", gettext_lazy("next month")),
        ("this_quarter", gettext_lazy("this quarter")),
        ("last_quarter", gettext_lazy("last quarter")),
        ("this_year", gettext_lazy("this year")),
        ("last_year", gettext_lazy("last year")),
    )

    def parse(self, value):
        return parsing.choice(_plain(value), dict(self.choices))

    def widgets(self, name, value, asker):
        return [(forms.Select(choices=self.choices), name, value, _("Period"))]

    def said(self, value, asker):
        return str(dict(self.choices)[value])


class OneRecord(Nothing):
    """One record that the asker may see, by id."""

    def __init__(self, model, url, placeholder=""):
        self.model, self.url, self.placeholder = model, url, placeholder

    def parse(self, value):
        return parsing.identifier(_plain(value))

    def read(self, data, name):
        typed = data.get(f"{name}_text", "").strip()
        return f"?{typed}" if typed else data.get(name, "")

    def found(self, value, asker):
        """Return the record, or None where it is gone, or not the asker's to see: nothing tells the two apart."""
        return self.model.objects.visible_to(asker.user).filter(pk=value).first() if type(value) is int else None

    def problem(self, value, asker):
        return "" if self.found(value, asker) else _("There is no such record any more.")

    def said(self, value, asker):
        return str(self.found(value, asker) or _("a record that is gone"))

    def widgets(self, name, value, asker):
        try:
            record = self.found(self.parse(value), asker)
        except BadInput:
            record = None
        picker = Picker(url=self.url, placeholder=self.placeholder)
        picker.choices = [("", ""), *([(record.pk, str(record))] if record else [])]
        return [(picker, name, value, _("Record"))]


class Sum(Nothing):
    """An amount of money: {"amount": "12.50", "currency": "EUR"}."""

    def parse(self, value):
        if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
            raise BadInput(_("An amount and a currency are needed."))
        currency = parsing.words(_plain(value["currency"]), longest=3).upper()
        if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
            raise BadInput(_("That is not a currency such as EUR."))
        return {"amount": Amount().parse(value["amount"]), "currency": currency}

    def read(self, data, name):
        return {"amount": data.get(name, ""), "currency": data.get(f"{name}.currency", "")}

    def widgets(self, name, value, asker):
        given: Any = value if isinstance(value, dict) else {}
        return [
            (forms.TextInput({"inputmode": "decimal", "maxlength": 40}), name, given.get("amount", ""), _("Amount")),
            (
                forms.TextInput({"maxlength": 3, "size": 4}),
                f"{name}.currency",
                given.get("currency", ""),
                _("Currency"),
            ),
        ]

    def said(self, value, asker):
        return f"{value['currency']} {Amount().said(value['amount'], asker)}"
