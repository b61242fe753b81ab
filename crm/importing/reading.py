"""Reading a row: the texts of its columns, and what of them is plain or one of some values."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from crm.access import access_of
from crm.choices import assignable
from crm.importing.drafts import Draft
from crm.importing.kinds import of_kind
from crm.importing.mapping import guessed_values, meanings
from crm.importing.numbers import LONGEST, NUMBER_ELSEWHERE, source_of

_SAVED_FORMULA = re.compile(r"'[=+\-@|%\t]")
"""The apostrophe that files of ours put before what a spreadsheet would take for a formula."""


class Reader:
    """Reads the rows of one import, in so far as its user may set what is in them.

    `only`: keys of the columns that are read, all without it. Subclasses say in `draft` how a kind is read.
    """

    model: Any = None

    def __init__(self, asked, *, only=None):
        self.asked, self.user, self.options = asked, asked.user, asked.options
        self.importable = of_kind(asked.kind)
        self.access = access_of(self.user)
        self.allowed = {column.key: column for column in self.importable.open_to(self.user)}
        wanted = self.allowed.keys() if only is None else self.allowed.keys() & set(only)
        self.columns = [(place, key) for place, key in enumerate(asked.mapping) if key in wanted]
        self.fixed = self.access.fixed(asked.kind)
        self.source = source_of(self.options.get("source"))
        self.meant = asked.values  # "" for what is not known: it is not guessed then either
        self._guesses: dict[tuple[str, str], str] = {}
        self.choices = {
            key: column.choices(self.user) for key, column in self.allowed.items() if column.choices is not None
        }

    @cached_property
    def owner(self):
        """Who new records are for: whoever was chosen, if they may be given any, else who imports."""
        wanted = self.options.get("owner") or self.user.pk
        return assignable(self.user, self.model).filter(pk=wanted).first() or self.user

    @cached_property
    def owners(self):
        """{id: user} of those who may be named as owner in a row."""
        column = self.importable.by_key.get("owner")
        return column.choices.users(self.user).in_bulk() if column else {}

    def read(self, rows):
        """Return the Draft of every row."""
        return [self._read(row) for row in rows]

    def _read(self, row):
        texts: dict[str, list[tuple[int, str]]] = {}
        for place, key in self.columns:
            text = row.cells[place].strip() if place < len(row.cells) else ""
            if _SAVED_FORMULA.match(text):
                text = text[1:]
            if text:
                texts.setdefault(key, []).append((place, text))
        draft = Draft(row, texts)
        if len(row.cells) > len(self.asked.header):
            draft.reason = _("This row has more cells than the file has columns.")
        if len(draft.text(NUMBER_ELSEWHERE)) > LONGEST:
            draft.refuse(texts[NUMBER_ELSEWHERE][0][0], _("Too long for a number"))
        self.draft(draft)
        return draft

    def draft(self, draft):
        """Read the texts of a row into values and parts; what cannot be read is refused at its place."""
        raise NotImplementedError

    def is_mapped(self, key):
        return any(mapped == key for _place, mapped in self.columns)

    def take(self, draft, key, name):
        """Take what stands in the columns of a key as the value of a field."""
        cells = draft.texts.get(key)
        if cells:
            between = self.importable.by_key[key].between
            draft.values[name] = between.join(text for _place, text in cells) if between else cells[0][1]
            draft.places[name] = cells[0][0]
        elif self.is_mapped(key):
            draft.cleared.append(name)

    def take_choice(self, draft, key):
        """Take what a text of a column that takes only some values means, as it was mapped or is guessed."""
        place, text = draft.texts[key][0]
        value = self.meant.get(key, {}).get(text)
        if value is None:
            value = self._guessed(key, text)
        if value not in self.choices[key]:
            draft.refuse(place, _("Not one of the choices"))
            return
        draft.values[key] = self.owners[int(value)] if key == "owner" else value
        draft.places[key] = place

    def _guessed(self, key, text):
        if (key, text) not in self._guesses:
            self._guesses[key, text] = guessed_values([text], self._meanings[key])[text]
        return self._guesses[key, text]

    @cached_property
    def _meanings(self):
        """{key of a column with choices: {name: value}}."""
        return {key: meanings(self.allowed[key], self.user) for key in self.choices}
