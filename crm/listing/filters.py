"""Filters of lists: their state is the URL, their words are the chips over the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import django_filters
from django.utils.formats import date_format
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Chip:
    """One active filter in words, and the query string without it."""

    field: str
    value: str
    without: str


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
        return [name for name in self.filters if self.form.cleaned_data.get(name) not in (None, "", [], ())]

    @property
    def is_indexed(self):
        return set(self.active) <= set(self.indexed)

    def chips(self):
        """Return what narrows the list, in words."""
        return [self._chip(name) for name in self.active]

    def _chip(self, name):
        query = self.data.copy()
        for key in [key for key in query if _is_named([key], name)]:
            query.pop(key)
        for cursor in ("after", "filters"):
            query.pop(cursor, None)
        field = self.form.fields[name]
        return Chip(str(field.label), self._in_words(field, self.form.cleaned_data[name]), query.urlencode())

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
