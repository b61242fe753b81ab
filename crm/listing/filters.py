"""Filters of lists: their state is the URL, their words are the chips over the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import django_filters
from django.core.exceptions import BadRequest
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crm.conditions import Asker, BadRule, Rule, kinds, language

RULE = "rule"
"""The parameter that carries the conditions of a list, beside its filters."""


@dataclass(frozen=True)
class Chip:
    """One active filter in words, and the query string without it. `of_rule`: it says the conditions."""

    field: str
    value: str
    without: str
    of_rule: bool = False


def _is_named(data, name):
    """Whether a query string speaks of a filter: by its name, or by a part of it (created_after)."""
    return any(key == name or key.startswith(f"{name}_") for key in data)


class RecordFilterSet(django_filters.FilterSet):
    """Base of every list's filters. Choices come through the door; `indexed` names those a list may combine freely.

    `tells`: filter -> the names under which the rights on fields speak of what it asks; else its own. To somebody from
    whom that is hidden, the filter does not exist.
    """

    indexed: tuple[str, ...] = ()
    tells: dict[str, tuple[str, ...]] = {}

    def __init__(self, data, *, whole, **kwargs):
        """`whole`: with every filter, for a form; else only with those the URL names: copying all is dear."""
        self.user = kwargs["request"].user
        model = self._meta.model
        self.hidden = self.user.access.hidden(model._meta.label_lower) if model else frozenset()
        self.base_filters: dict[str, Any] = {
            name: found
            for name, found in self.base_filters.items()
            if (whole or _is_named(data, name)) and self.hidden.isdisjoint(self.tells.get(name, (name,)))
        }
        super().__init__(data, **kwargs)
        self.whole = whole

    @classmethod
    def knows(cls, data, hidden):
        """Whether a query string asks by nothing that is hidden."""
        asked = [name for name in cls.base_filters if _is_named(data, name)]
        return all(hidden.isdisjoint(cls.tells.get(name, (name,))) for name in asked)

    @property
    def active(self):
        """Return the names of the filters that narrow the list."""
        if not self.form.is_valid():
            return []
        named = [name for name in self.filters if self.form.cleaned_data.get(name) not in (None, "", [], ())]
        return [*named, RULE] if self.rule else named

    @cached_property
    def rule(self):
        """Return the conditions that the address carries, or None. Raises BadRequest for what is no rule at all."""
        text, model = self.data.get(RULE, ""), self._meta.model
        if not text or model is None or model._meta.label_lower not in kinds():
            return None
        try:
            found = Rule(model._meta.label_lower, language.unpacked(text), Asker.of(self.user))
        except BadRule as error:
            raise BadRequest(str(error)) from None
        return None if found.is_empty else found

    def filter_queryset(self, queryset):
        """Narrow by the filters, then by the conditions; those that are broken leave nothing."""
        narrowed = super().filter_queryset(queryset)
        return narrowed.filter(self.rule.condition) if self.rule else narrowed

    @property
    def is_indexed(self):
        return set(self.active) <= set(self.indexed)

    def chips(self):
        """Return what narrows the list, in words."""
        return [self._rule_chip() if name == RULE else self._chip(name) for name in self.active]

    def _chip(self, name):
        field = self.form.fields[name]
        return Chip(str(field.label), self._in_words(field, self.form.cleaned_data[name]), self._without(name))

    def _rule_chip(self):
        return Chip("", self.rule.sentence, self._without(RULE), of_rule=True)

    def _without(self, name):
        """Return the query string without one filter; it is then no saved view any more."""
        query = self.data.copy()
        for key in [key for key in query if _is_named([key], name)]:
            query.pop(key)
        for cursor in ("after", "filters", "view"):
            query.pop(cursor, None)
        return query.urlencode()

    def _in_words(self, field, value):
        choices = {} if hasattr(field, "queryset") else dict(list(getattr(field, "choices", ())))
        if isinstance(value, slice):
            return self._range(value.start, value.stop)
        values = value if isinstance(value, (list, tuple)) else [value]
        return ", ".join(str(choices.get(item, item)) for item in values)

    @staticmethod
    def _range(first, last):
        """Return "from 1 Jan 2026 to 31 Mar 2026", or one end of it."""
        ends = ((_("from"), first), (_("to"), last))
        return " ".join(f"{word} {date_format(day, 'j M Y')}" for word, day in ends if day)
