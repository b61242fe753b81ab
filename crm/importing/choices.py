"""Columns that take only some values: fixed ones, and users."""

from __future__ import annotations

from crm.choices import assignable


class Choices:
    """The values of a column that takes only some. `names`: {value: what files call it}."""

    def __init__(self, choices, names=None):
        self.choices, self.other_names = choices, names or {}

    def __call__(self, user):
        return {value: str(label) for value, label in self.choices if value}

    def names(self, user):
        return {value: (str(value), *self.other_names.get(value, ())) for value, _label in self.choices if value}


class Owners:
    """The users who may be given new records, named by their name or address."""

    def __init__(self, model):
        self.model = model

    def users(self, user):
        """Return those whom `user` may give a new record."""
        return assignable(user, self.model)

    def __call__(self, user):
        return {str(one.pk): one.get_full_name() for one in self.users(user)}

    def names(self, user):
        return {str(one.pk): (one.email,) for one in self.users(user)}
